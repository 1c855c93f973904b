using System.Diagnostics;
using System.Text.Json;
using CsCheck;
using Sweep.Evaluation.Metrics;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics.Instructions;

/// <summary>No response, however odd, makes a check fail or take long.</summary>
public sealed class InstructionPropertyTests
{
    private const string Arguments =
        """
        {"change_case:capital_word_frequency":{"capital_frequency":3,"capital_relation":"less than"},"combination:repeat_prompt":{"prompt_to_repeat":"a"},
        "detectable_content:number_placeholders":{"num_placeholders":1},"detectable_content:postscript":{"postscript_marker":"P.P.S"},
        "detectable_format:multiple_sections":{"section_spliter":"a","num_sections":1},"detectable_format:number_bullet_lists":{"num_bullets":1},
        "detectable_format:number_highlighted_sections":{"num_highlights":1},"keywords:existence":{"keywords":["ab","."]},"keywords:forbidden_words":{"forbidden_words":["aa","-"]},
        "keywords:frequency":{"keyword":"aa","frequency":1,"relation":"at least"},"keywords:letter_frequency":{"letter":"a","let_frequency":1,"let_relation":"at least"},
        "language:response_language":{"language":"en"},"length_constraints:nth_paragraph_first_word":{"num_paragraphs":2,"nth_paragraph":2,"first_word":"a"},
        "length_constraints:number_paragraphs":{"num_paragraphs":1},"length_constraints:number_sentences":{"num_sentences":2,"relation":"at least"},
        "length_constraints:number_words":{"num_words":2,"relation":"less than"},"startend:end_checker":{"end_phrase":"a"}}
        """;

    private static readonly Instruction[] AllKinds = [.. IfevalMetric.Kinds.Select(kind => new Instruction(kind, ArgumentsOf(kind)))];

    [Fact]
    public void Check_AnyResponse_HasAVerdictEachAndLooseWhereStrict()
    {
        var mark = Gen.OneOf(((string[])["*", "**", "***", "******", "\n", "\n\n", " ", ".", "..", ". ", "!", "?", "\"", "'", "''", "(", ")", "[", "]", "<<", ">>", "-", "--", ",", ":", "a", "A", "aa", "Dr", "J",
            "1", "p.", "s.", "n't", "'S", "{", "}", "```", "NaN", "\\", "\ud800", "\udc00", "\0", "é", "म", "漢", "か", "🙂", "https://", "@", "_", "\u0301", "\u2028"]).Select(Gen.Const).ToArray());
        mark.List[0, 40].Sample(parts =>
        {
            var (strict, loose) = IfevalMetric.Check(AllKinds, string.Concat(parts));
            return strict.Length == AllKinds.Length && strict.Zip(loose).All(pair => pair.Second || !pair.First);
        }, iter: 3000);
    }

    /// <summary>At 200,000 characters anything that grows with their square takes minutes; the rest well under a second a kind.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("\n")]
    [InlineData("*")]
    [InlineData("* ")]
    [InlineData("<<")]
    [InlineData("[")]
    [InlineData("'s")]
    [InlineData("\"\\")]
    [InlineData("{\"a\":")]
    [InlineData("a. ")]
    [InlineData("a.\"")]
    [InlineData("--")]
    [InlineData("aa@")]
    [InlineData("a ")]
    [InlineData("र ")]
    public void Check_LongResponse_TakesTimeInProportion(string unit)
    {
        var response = string.Concat(Enumerable.Repeat(unit, 200_000 / unit.Length));
        var slow = new List<string>();
        foreach (var instruction in AllKinds)
        {
            var watch = Stopwatch.StartNew();
            IfevalMetric.Check([instruction], response);
            if (watch.Elapsed > TimeSpan.FromSeconds(20))
                slow.Add($"{instruction.Kind}: {watch.Elapsed}");
        }

        Assert.Empty(slow);
    }

    private static Dictionary<string, JsonElement> ArgumentsOf(string kind)
    {
        using var all = JsonDocument.Parse(Arguments);
        return all.RootElement.TryGetProperty(kind, out var arguments)
            ? arguments.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.Clone(), StringComparer.Ordinal)
            : [];
    }
}
