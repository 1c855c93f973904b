using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Metrics;
using Sweep.Evaluation.Scoring;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics;

/// <summary>The public files through reader and scorer, as `sweep score` runs them; skipped where they are not at hand.</summary>
public sealed class PublicFileScoreTests
{
    /// <summary>Each file of predictions has the figures that the official scorer prints for it.</summary>
    [Fact]
    public void Squad_PublishedPredictions_HaveTheOfficialScores()
    {
        var data = Fixtures.Data("squad", "dev-v1.1.json");
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Data("squad", "expected_scores.json")));
        foreach (var file in expected.RootElement.EnumerateObject())
        {
            var scores = PredictionScorer.Score(BenchmarkCatalog.Find("squad"), data, Fixtures.Data("squad", file.Name));
            Assert.Equal((file.Value.GetProperty("n").GetInt32(), file.Value.GetProperty("missing").GetInt32()), (scores.Items, scores.Missing));
            Assert.Equal(file.Value.GetProperty("exact_match").GetDouble(), scores.Percent["exact_match"], 1e-9);
            Assert.Equal(file.Value.GetProperty("f1").GetDouble(), scores.Percent["f1"], 1e-9);
        }

        Assert.Equal(2, expected.RootElement.EnumerateObject().Count());
    }

    /// <summary>
    /// Every gold is right as it is, in capitals with an article and a full stop, and an empty response is right by the official rule alone, where a gold normalises to
    /// nothing: three questions of SQuAD have the gold ".", TriviaQA has aliases like "(a" and "A'a". Such items are flagged; the lenient match accepts none of them.
    /// </summary>
    [Theory]
    [InlineData("squad", "dev-v1.1.json", 3)]
    [InlineData("triviaqa", "topics.dpr.trivia.test.txt", 5)]
    [InlineData("triviaqa", "llmfoundry_triviaqa_sm_sub.jsonl", 1)]
    [InlineData("musique", "musique_ans_dev_200sample.jsonl", 0)]
    public void Answers_GoldsAndEmptyResponses_ScoreAsOfficial(string name, string file, int emptyGolds)
    {
        var benchmark = BenchmarkCatalog.Find(name);
        var items = benchmark.Read(Fixtures.Data(name, file));
        var flagged = 0;
        foreach (var item in items)
        {
            Assert.All(item.Golds, gold => Assert.Equal(1, benchmark.Score(item, gold).Metrics["em"]));
            Assert.Equal(1, benchmark.Score(item, $" The {string.Concat(item.Golds[^1].Select(c => char.IsAscii(c) ? char.ToUpperInvariant(c) : c))}. ").Metrics["em"]);
            var empty = benchmark.Score(item, "");
            Assert.Equal((empty.EmptyNormalized ? 1.0 : 0, 0.0, 0.0), (empty.Metrics["em"], empty.Metrics["f1"], empty.Metrics["lenient"]));
            flagged += empty.EmptyNormalized ? 1 : 0;
        }

        Assert.Equal(emptyGolds, flagged);
    }

    /// <summary>All 9,536 questions of DROP dev, whose references stand beside each other with bars between them, put back into DROP's layout.</summary>
    [Fact]
    public void Drop_EveryReferenceOfDev_IsExactAndAnEmptyResponseIsNot()
    {
        using var folder = new TemporaryFolder();
        var benchmark = BenchmarkCatalog.Find("drop");
        var items = benchmark.Read(folder.Write("drop.json", DropLayout(Fixtures.Data("drop", "drop_v0_dev.jsonl.gz"))));
        Assert.Equal(9536, items.Count);
        foreach (var item in items)
        {
            foreach (var answer in item.Answers!.Select(spans => Assert.Single(spans)).Where(answer => DropMetric.Normalize(answer).Length > 0))
            {
                var score = benchmark.Score(item, $" {answer}\n");
                Assert.Equal((1, 1), (score.Metrics["em"], score.Metrics["f1"]));
            }

            Assert.Equal(0, benchmark.Score(item, "").Metrics["lenient"]);
        }
    }

    [Fact]
    public void Drop_SampleOfTheOriginalLayout_HasItsItemsAndAnswers()
    {
        var benchmark = BenchmarkCatalog.Find("drop");
        var path = Fixtures.Data("drop", "drop_format_sample.json");
        using var sample = JsonDocument.Parse(File.ReadAllBytes(path));
        var items = benchmark.Read(path);
        Assert.Equal(sample.RootElement.EnumerateObject().Sum(passage => passage.Value.GetProperty("qa_pairs").GetArrayLength()), items.Count);
        Assert.Equal(sample.RootElement.EnumerateObject().Count(), items.DistinctBy(item => item.Group).Count());
        using var folder = new TemporaryFolder();
        var predictions = folder.Write("p.json", JsonSerializer.Serialize(items.ToDictionary(item => item.PublishedId!, item => item.Golds[0])));
        var scores = PredictionScorer.Score(benchmark, path, predictions);
        Assert.Equal((items.Count, 0), (scores.Items, scores.Missing));
    }

    private static string DropLayout(string path)
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var passages = new Dictionary<string, List<object>>(StringComparer.Ordinal);
        var number = 0;
        while (lines.ReadLine() is { } line)
        {
            var record = JsonDocument.Parse(line).RootElement;
            var prompt = record.GetProperty("context").GetString()!;
            var question = prompt.LastIndexOf("\nQuestion: ", StringComparison.Ordinal);
            var passage = prompt["Passage: ".Length..question];
            var answers = record.GetProperty("ref_text").GetString()!.Split('|').Select(answer => new { number = "", date = new { }, spans = new[] { answer } }).ToArray();
            if (!passages.TryGetValue(passage, out var pairs))
                passages[passage] = pairs = [];
            pairs.Add(new
            {
                question = prompt[(question + "\nQuestion: ".Length)..^"\nAnswer:".Length],
                query_id = (number++).ToString(CultureInfo.InvariantCulture),
                answer = answers[0],
                validated_answers = answers[1..],
            });
        }

        return JsonSerializer.Serialize(passages.Index().ToDictionary(pair => $"p{pair.Index}", pair => new { passage = pair.Item.Key, qa_pairs = pair.Item.Value }));
    }
}
