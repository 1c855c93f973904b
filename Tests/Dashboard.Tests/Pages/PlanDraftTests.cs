using Sweep.Dashboard.Pages.Submit;
using Xunit;

namespace Sweep.Dashboard.Tests.Pages;

public sealed class PlanDraftTests
{
    [Fact]
    public void Of_ThePlanToBeginWith_IsValid() => Assert.Empty(PlanDraft.Of(PlanTemplates.Blank).Problems);

    [Fact]
    public void Of_SeveralMistakes_EachIsAtItsFieldWithItsLine()
    {
        var draft = PlanDraft.Of("name: x\nmodels: [m]\nbenchmarks:\n  - { name: squad, data: d, items: none }\nbottlenecks:\n  - { name: b, layer: 1, channels: [luck] }\nseed: many\n");

        Assert.Null(draft.Plan);
        Assert.Equal(7, Assert.Single(draft.At("seed")).Line);
        Assert.Equal("benchmarks[0].items", Assert.Single(draft.At("benchmarks")).Problem.Path);
        Assert.Contains("found", Assert.Single(draft.At("bottlenecks")).Problem.Message, StringComparison.Ordinal);
        Assert.Empty(draft.At("name"));
        // "seeds" is not "seed".
        Assert.Empty(draft.At("see"));
    }

    [Fact]
    public void Of_NoYaml_SaysWhere() => Assert.Equal(2, Assert.Single(PlanDraft.Of("name: [").Problems).Line);

    [Fact]
    public void Of_FarTooLong_IsNotRead() => Assert.Contains("expected at most", Assert.Single(PlanDraft.Of(new string('x', PlanDraft.MostCharacters + 1)).Problems).Problem.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a: 1\nname: old # why\nb: 2", "name", "new", "a: 1\nname: new\nb: 2")]
    [InlineData("a: 1", "seed", "7", "a: 1\nseed: 7")]
    [InlineData("a: 1\nscalars:\n  - 1\n  - 2\nb: 2", "scalars", "[3]", "a: 1\nscalars: [3]\nb: 2")]
    [InlineData("a: 1\nseed: 7\nb: 2", "seed", " ", "a: 1\nb: 2")]
    [InlineData("names: x\nname: y", "name", "z", "names: x\nname: z")]
    public void Write_Field_ChangesNothingElse(string text, string field, string value, string expected) => Assert.Equal(expected, PlanText.Write(text, field, value));

    [Theory]
    [InlineData("name: \"quoted\" # why", "name", "quoted")]
    [InlineData("scalars:\n  - 1", "scalars", null)]
    [InlineData("  name: inner", "name", null)]
    public void Read_Field_IsWhatStandsOnItsLine(string text, string field, string? expected) => Assert.Equal(expected, PlanText.Read(text, field));
}
