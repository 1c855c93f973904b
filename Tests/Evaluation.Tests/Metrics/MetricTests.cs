using System.Text.Json;
using Sweep.Evaluation.Metrics;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics;

public sealed class MetricTests
{
    [Theory]
    [InlineData("the  Cat.", "cat", 1, 1)]
    [InlineData("cat dog", "cat", 0, 0.6666666666666666)]
    [InlineData("", "cat", 0, 0)]
    [InlineData("The", "a", 1, 0)]
    [InlineData("the\u0301", "\u0301", 1, 1)]
    [InlineData("a\u00b2", "\u00b2", 0, 0)]
    public void Squad_Response_IsNormalisedAndCompared(string response, string gold, double exact, double f1)
    {
        var found = SquadMetric.Best([gold], response);
        Assert.Equal(exact, found.Exact);
        Assert.Equal(f1, found.F1, 1e-12);
        Assert.Equal(response == "The", found.Empty);
    }

    /// <summary>triviaqa_evaluation.py puts a space where evaluate-v1.1.py puts nothing.</summary>
    [Theory]
    [InlineData("J.R.R. Tolkien", "J. R. R. Tolkien", 1, 1)]
    [InlineData("rock'n'roll", "Rock ‘n’ Roll", 1, 1)]
    [InlineData("rock_n_roll", "rock n roll", 1, 1)]
    [InlineData("U.S.", "US", 0, 0)]
    [InlineData("Sunset Blvd", "the Sunset Boulevard", 0, 0.5)]
    [InlineData("The", "a", 1, 0)]
    public void TriviaQa_Response_IsNormalisedAndCompared(string response, string gold, double exact, double f1)
    {
        var found = TriviaQaMetric.Best([gold], response);
        Assert.Equal((exact, f1), (found.Exact, found.F1));
        Assert.Equal(response == "The", found.Empty);
    }

    /// <summary>Cases that the official metric's own tests state.</summary>
    [Fact]
    public void Drop_OfficialCases_HaveTheirScores()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Data("drop", "drop_eval_cases.json")));
        var wrong = new List<string>();
        foreach (var item in cases.RootElement.GetProperty("metric_cases").EnumerateArray())
        {
            var (exact, f1) = DropMetric.Score(Spans(item.GetProperty("gold")), Spans(item.GetProperty("predicted")));
            if (Math.Abs(exact - item.GetProperty("em").GetDouble()) > 1e-9 || Math.Abs(f1 - item.GetProperty("f1").GetDouble()) > 1e-9)
                wrong.Add($"{item.GetRawText()}: found {exact}, {f1}");
        }

        Assert.Empty(wrong);

        static string[] Spans(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(span => span.GetString()!)] : [value.GetString()!];
    }

    [Theory]
    [InlineData("5006", "it is 5006.", true)]
    [InlineData("Gade", " the gade river", true)]
    [InlineData("7", "seven", false)]
    [InlineData("x", "   ", false)]
    [InlineData("", "anything", false)]
    public void Lenient_Response_MatchesAsTheAuthorsDidButNeverEmpty(string gold, string response, bool expected) =>
        Assert.Equal(expected, LenientMatch.Matches([gold], response));

    [Fact]
    public void Ruler_PartOfTheReferences_IsTheirShare() => Assert.Equal(2.0 / 3, RulerMetric.ShareContained(["KY", "ez", "LZ"], "ky, EZ\u0001"), 1e-12);

    [Theory]
    [InlineData("punctuation:no_comma", "{}", "no commas here", true, true)]
    [InlineData("punctuation:no_comma", "{}", "Sure, here:\nno commas", false, true)]
    [InlineData("change_case:english_capital", "{}", "ALL CAPS 3", true, true)]
    [InlineData("change_case:english_capital", "{}", "Not all", false, false)]
    [InlineData("change_case:english_lowercase", "{}", "all lower", true, true)]
    [InlineData("keywords:existence", """{"keywords":["magnet","temple"]}""", "A Magnet near the temple", true, true)]
    [InlineData("keywords:existence", """{"keywords":["magnet","temple"]}""", "A magnet", false, false)]
    [InlineData("detectable_format:number_bullet_lists", """{"num_bullets":2}""", "* one\n* two", true, true)]
    [InlineData("detectable_format:number_bullet_lists", """{"num_bullets":2}""", "- one\n* two\n* three", false, true)]
    [InlineData("startend:end_checker", """{"end_phrase":"That is all."}""", "Gus. That is all.", true, true)]
    [InlineData("startend:end_checker", """{"end_phrase":"That is all."}""", "That is all. No.", false, false)]
    [InlineData("punctuation:no_comma", "{}", "  ", false, false)]
    public void Ifeval_Response_IsCheckedStrictAndLoose(string kind, string arguments, string response, bool strict, bool loose)
    {
        var instruction = new Instruction(kind, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(arguments)!);
        var found = IfevalMetric.Check([instruction], response);
        Assert.Equal((strict, loose), (found.Strict[0], found.Loose[0]));
    }
}
