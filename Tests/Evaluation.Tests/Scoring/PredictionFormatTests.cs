using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Scoring;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Scoring;

/// <summary>The layouts in which the official scorers take predictions.</summary>
public sealed class PredictionFormatTests
{
    private const string Drop = """{"p":{"passage":"p","qa_pairs":[{"query_id":"1","question":"q","answer":{"spans":["Green bay","packers"]}},{"query_id":"2","question":"q","answer":{"number":"5"}}]}}""";

    private const string Musique = """{"id":"1","paragraphs":[{"paragraph_text":"p"}],"question":"q","answer":"Rome","answer_aliases":["Roma"],"answerable":true}""";

    [Theory]
    [InlineData("drop", Drop, """{"1":["packers","the Green Bay"],"2":"5.0"}""", 100, 100)]
    [InlineData("drop", Drop, """{"1":["packers"],"2":[]}""", 0, 25)]
    [InlineData("drop", Drop, """{"1":"Green bay","2":"5-yard"}""", 0, 58.5)]
    [InlineData("musique", Musique, """{"id":"1","predicted_answer":"the Roma","predicted_support_idxs":[],"predicted_answerable":true}""", 100, 100)]
    public void Score_OfficialLayout_IsRead(string name, string data, string predictions, double exact, double f1)
    {
        using var folder = new TemporaryFolder();
        var scores = PredictionScorer.Score(BenchmarkCatalog.Find(name), folder.Write("data", data), folder.Write("predictions", predictions));
        Assert.Equal((exact, f1), (scores.Percent["exact_match"], scores.Percent["f1"]));
    }

    [Fact]
    public void Score_ListWhereOneTextIsAsked_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var refused = Assert.Throws<InvalidDataFileException>(() =>
            PredictionScorer.Score(BenchmarkCatalog.Find("musique"), folder.Write("data", Musique), folder.Write("predictions", """{"1":["Rome","Roma"]}""")));
        Assert.EndsWith("predictions: $.1: found array, expected string", refused.Message, StringComparison.Ordinal);
    }
}
