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

    /// <summary>Which kind of answer a prediction comes nearest to: its number must be the answer's.</summary>
    [Fact]
    public void Drop_TypeCases_ComeNearestToTheStatedKind()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Data("drop", "drop_eval_cases.json")));
        var count = 0;
        foreach (var stated in cases.RootElement.GetProperty("type_cases").EnumerateArray())
        {
            var pair = Assert.Single(stated.GetProperty("qa_pairs").EnumerateArray());
            var predicted = stated.GetProperty("predictions").GetProperty("qid1").GetString()!;
            var nearest = pair.GetProperty("validated_answers").EnumerateArray().Prepend(pair.GetProperty("answer")).MaxBy(answer => DropMetric.Score(Spans(answer), [predicted]).F1);
            Assert.Equal(stated.GetProperty("best_type").GetString(), nearest.EnumerateObject().First().Name);
            count++;
        }

        Assert.Equal(2, count);

        static string[] Spans(JsonElement answer) =>
            answer.TryGetProperty("number", out var number) ? [number.GetString()!] : [.. answer.GetProperty("spans").EnumerateArray().Select(span => span.GetString()!)];
    }
}
