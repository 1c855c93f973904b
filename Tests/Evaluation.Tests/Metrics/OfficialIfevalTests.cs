using System.Text.Json;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Metrics;
using Sweep.Evaluation.Scoring;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics;

/// <summary>
/// The verdicts and totals of the official checkers on 299 published GPT-4 responses, where the files are at hand. Four of 454 instructions differ: three responses of one to
/// three English words, which langdetect took for other languages ("coastal elegance properties", "etchings", "A"); and one with four "#" where four were asked for, for which
/// the official code of that day, knowing letters only, drew a letter at random, one for strict and another for loose.
/// </summary>
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
        Assert.Equal(
            [
                "1122 keywords:letter_frequency: found (True, True), expected (False, True)",
                "1843 change_case:english_lowercase: found (True, True), expected (False, False)",
                "202 change_case:english_lowercase: found (True, True), expected (False, False)",
                "2571 change_case:english_capital: found (True, True), expected (False, False)",
            ],
            different.Order(StringComparer.Ordinal));
    }

    /// <summary>The official 231 and 381, 242 and 393, and what the four instructions add: each is the only one that its prompt had failed.</summary>
    [Fact]
    public void Score_PublishedResponses_HasTheOfficialTotalsAndTheFour()
    {
        using var official = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Data("ifeval", "expected-gpt4-sample.json")));
        var scores = PredictionScorer.Score(BenchmarkCatalog.Find("ifeval"), Fixtures.Data("ifeval", "input_data.jsonl"), Fixtures.Data("ifeval", "responses-gpt4-sample.jsonl"));
        Assert.Equal((541, 242, 299, 0), (scores.Items, scores.Missing, scores.Scored, scores.Unknown.Count));
        foreach (var (name, added, of) in ((string, int, int)[])[("prompt_strict", 4, 299), ("instruction_strict", 4, 454), ("prompt_loose", 3, 299), ("instruction_loose", 3, 454)])
        {
            var right = official.RootElement.GetProperty(name).GetInt32() + added;
            Assert.Equal(new ScoreCount(right, of), scores.Counts[name]);
            Assert.Equal(100.0 * right / of, scores.Percent[name], 1e-12);
        }
    }

    private static List<JsonElement> Lines(string file) =>
        [.. File.ReadLines(Fixtures.Data("ifeval", file)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
}
