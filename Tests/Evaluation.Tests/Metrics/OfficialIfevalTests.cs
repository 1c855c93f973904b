using System.Text.Json;
using Sweep.Evaluation.Metrics;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics;

/// <summary>The verdicts and totals of the official checkers on 299 published GPT-4 responses, where the files are at hand.</summary>
public sealed class OfficialIfevalTests
{
    [Fact]
    public void Check_PublishedResponses_HasTheOfficialVerdicts()
    {
        var prompts = Lines("input_data.jsonl").ToDictionary(line => line.GetProperty("key").GetInt32());
        var verdicts = Lines("expected-gpt4-sample.jsonl").ToDictionary(line => line.GetProperty("key").GetInt32());
        var compared = 0;
        var kinds = new HashSet<string>();
        var different = new List<string>();
        foreach (var line in Lines("responses-gpt4-sample.jsonl"))
        {
            var key = line.GetProperty("key").GetInt32();
            Instruction[] instructions =
            [
                .. prompts[key].GetProperty("instruction_id_list").EnumerateArray().Zip(prompts[key].GetProperty("kwargs").EnumerateArray(), (kind, arguments) =>
                    new Instruction(kind.GetString()!, arguments.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value))),
            ];
            var (strict, loose) = IfevalMetric.Check(instructions, line.GetProperty("response").GetString()!);
            for (var index = 0; index < instructions.Length; index++)
            {
                compared++;
                kinds.Add(instructions[index].Kind);
                var expected = (verdicts[key].GetProperty("strict")[index].GetBoolean(), verdicts[key].GetProperty("loose")[index].GetBoolean());
                if ((strict[index], loose[index]) != expected)
                    different.Add($"{key} {instructions[index].Kind}: found {(strict[index], loose[index])}, expected {expected}");
            }
        }

        Assert.Equal((454, 25), (compared, kinds.Count));
        Assert.Empty(different);
    }

    private static List<JsonElement> Lines(string file) =>
        [.. File.ReadLines(Fixtures.Data("ifeval", file)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
}
