using System.Text.Json;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Metrics;
using Sweep.Evaluation.Scoring;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics;

/// <summary>Verdicts that the official scorers' authors state, where the data is at hand.</summary>
public sealed class OfficialCasesTests
{
    [Fact]
    public void Drop_NormaliserCases_AreAsStated()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Data("drop", "drop_eval_cases.json")));
        var equal = cases.RootElement.GetProperty("normalise_equal_pairs").EnumerateArray().ToList();
        var exact = cases.RootElement.GetProperty("normalise_exact").EnumerateArray().ToList();
        Assert.Equal((4, 2), (equal.Count, exact.Count));
        Assert.All(equal, pair => Assert.Equal(DropMetric.Normalize(pair[0].GetString()!), DropMetric.Normalize(pair[1].GetString()!)));
        Assert.All(exact, pair => Assert.Equal(pair[1].GetString(), DropMetric.Normalize(pair[0].GetString()!)));
    }

    /// <summary>Through the reader and the prediction scorer, so that answers, validated answers, dates and missing predictions are all read as official.</summary>
    [Fact]
    public void Drop_FileCases_HaveTheirMeans()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Data("drop", "drop_eval_cases.json")));
        var count = 0;
        foreach (var stated in cases.RootElement.GetProperty("file_cases").EnumerateArray())
        {
            using var folder = new TemporaryFolder();
            var pairs = stated.GetProperty("qa_pairs").EnumerateArray().Select(pair => "{\"question\":\"q\"," + pair.GetRawText().TrimStart()[1..]);
            var data = folder.Write("drop.json", "{\"p\":{\"passage\":\"p\",\"qa_pairs\":[" + string.Join(',', pairs) + "]}}");
            var predictions = stated.GetProperty("predictions");
            if (stated.TryGetProperty("note", out _))
            {
                // Nothing in it names an item: refused, not scored 0.
                Assert.Throws<InvalidDataFileException>(() => PredictionScorer.Score(BenchmarkCatalog.Find("drop"), data, folder.Write("p.json", predictions.GetRawText())));
                predictions = JsonDocument.Parse("""{}""").RootElement;
            }

            var scores = PredictionScorer.Score(BenchmarkCatalog.Find("drop"), data, folder.Write("p.json", predictions.GetRawText()));
            Assert.Equal(100 * stated.GetProperty("em").GetDouble(), scores.Percent["exact_match"], 1e-9);
            Assert.Equal(100 * stated.GetProperty("f1").GetDouble(), scores.Percent["f1"], 1e-9);
            count++;
        }

        Assert.Equal(8, count);
    }

    /// <summary>The official checkers' verdicts on published GPT-4 responses, instruction by instruction, for the kinds that are known here.</summary>
    [Fact]
    public void Ifeval_PublishedResponses_HaveTheOfficialVerdictsOnKnownKinds()
    {
        var prompts = Lines("input_data.jsonl").ToDictionary(line => line.GetProperty("key").GetInt32());
        var verdicts = Lines("expected-gpt4-sample.jsonl").ToDictionary(line => line.GetProperty("key").GetInt32());
        var compared = 0;
        var wrong = new List<string>();
        foreach (var line in Lines("responses-gpt4-sample.jsonl"))
        {
            var key = line.GetProperty("key").GetInt32();
            var response = line.GetProperty("response").GetString()!;
            var kinds = prompts[key].GetProperty("instruction_id_list");
            for (var index = 0; index < kinds.GetArrayLength(); index++)
            {
                var kind = kinds[index].GetString()!;
                if (!IfevalMetric.Kinds.Contains(kind))
                    continue;
                var arguments = prompts[key].GetProperty("kwargs")[index].EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value);
                var (strict, loose) = IfevalMetric.Check([new Instruction(kind, arguments)], response);
                var expected = (verdicts[key].GetProperty("strict")[index].GetBoolean(), verdicts[key].GetProperty("loose")[index].GetBoolean());
                compared++;
                if ((strict[0], loose[0]) != expected)
                    wrong.Add($"{key} {kind}: found {(strict[0], loose[0])}, expected {expected}");
            }
        }

        // The official language detector took these for other languages: "coastal elegance properties", "etchings", "A". No detector is imitated here.
        Assert.Equal(
            ["1843 change_case:english_lowercase", "202 change_case:english_lowercase", "2571 change_case:english_capital"],
            wrong.Select(line => line[..line.IndexOf(": found", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.True(compared >= 100, $"{compared} verdicts compared");

        static List<JsonElement> Lines(string file) =>
            [.. File.ReadLines(Fixtures.Data("ifeval", file)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
