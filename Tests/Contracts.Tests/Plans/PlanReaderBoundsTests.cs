using System.Diagnostics;
using CsCheck;
using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

public sealed class PlanReaderBoundsTests
{
    [Fact]
    public void Read_DeepNesting_IsRefusedBeforeItIsBuilt() =>
        Assert.Contains(PlanTexts.Problems("name: " + new string('[', 200_000)), problem => problem.Contains("nested deeper than 16", StringComparison.Ordinal));

    [Fact]
    public void Read_HugeText_IsRefusedByLength() =>
        Assert.Equal(["p:1:1: found 1048577 characters, expected at most 1048576"], PlanTexts.Problems(new string('a', 1048577)));

    [Fact]
    public void Read_ManyValues_AreRefused() =>
        Assert.Contains(PlanTexts.Problems($"scalars: [{string.Join(',', Enumerable.Repeat("1", 200_000))}]"), problem => problem.Contains("more than 100000 values", StringComparison.Ordinal));

    [Fact]
    public void Read_AliasBomb_IsRefusedAtItsFirstAnchor() =>
        Assert.Equal(
            ["p:1:4: found an anchor (&), expected the value itself: plans have no anchors and aliases"],
            PlanTexts.Problems("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]"));

    [Fact]
    public void Read_BrokenText_IsRefusedAndNothingElse()
    {
        var bytes = Gen.Select(Gen.Int[0, PlanTexts.Full.Length - 1], Gen.String[Gen.Char["\0\t\n\r {}[]:,&*!|>%@`\"'#-?~<\\x0\uFEFF\uD800é"], 0, 4], Gen.Int[0, 6]);
        bytes.Array[1, 4].Sample(edits =>
        {
            var text = PlanTexts.Full;
            foreach (var (at, insert, remove) in edits)
                text = text.Remove(Math.Min(at, text.Length), Math.Min(remove, text.Length - Math.Min(at, text.Length))).Insert(Math.Min(at, text.Length), insert);
            OnlyRefuses(text);
        });
    }

    [Fact]
    public void Read_Noise_IsRefusedAndNothingElse() =>
        Gen.String[Gen.Char["ab1.: \n-[]{},\"'&*!|>%#?\\\t~@"], 0, 60].Sample(text => OnlyRefuses(text));

    private static void OnlyRefuses(string text)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            Assert.Empty(PlanValidator.Validate(PlanReader.Read(text, "p")));
        }
        catch (InvalidPlanException refused)
        {
            Assert.NotEmpty(refused.Problems);
            Assert.All(refused.Problems, problem => Assert.Matches(@"\Ap:\d+:\d+: .*(found|cannot be read)", problem));
        }

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "reading a small text took 20 s");
    }
}
