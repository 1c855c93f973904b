using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

public sealed class PlanReaderTests
{
    [Fact]
    public void Read_TaskFile_StandsForNameAndDataAndIsCalledByItsOwnName()
    {
        var plan = PlanReader.Read(PlanTexts.Valid.Replace("bottlenecks:", "  - { task: tasks/colours.yaml, items: 3 }\n  - { task: tasks/colours.yaml, label: again }\nbottlenecks:", StringComparison.Ordinal), "p");
        Assert.Equal(
            [new BenchmarkPlan { Name = "task", Data = "tasks/colours.yaml", Label = "colours", Items = 3 }, new BenchmarkPlan { Name = "task", Data = "tasks/colours.yaml", Label = "again" }],
            plan.Benchmarks.Skip(1));
    }

    [Fact]
    public void Read_TaskBesideAName_IsRefused() =>
        Assert.Contains(
            "found unknown field 'name'",
            Assert.Throws<InvalidPlanException>(() => PlanReader.Read(PlanTexts.Valid.Replace("bottlenecks:", "  - { task: t.yaml, name: squad }\nbottlenecks:", StringComparison.Ordinal), "p")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Read_HypothesisOfAPlanWithoutBottlenecks_IsRefusedWithTheRest()
    {
        var problems = PlanTexts.Problems("name: a\nmodels: [m]\nbenchmarks: [{ name: squad, data: d }]\nbottlenecks: []\nscalars: [2]\nhypotheses: [{ name: h, statement: s, bottleneck: one, direction: better }]");
        Assert.Contains("p:6:51: hypotheses[0].bottleneck: found 'one', expected none", problems);
        Assert.Contains(problems, problem => problem.StartsWith("p:4:", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_SmallestPlan_HasTheDocumentedDefaults()
    {
        var plan = PlanReader.Read(PlanTexts.Valid, "p");

        Assert.Equal("trial", plan.Name);
        Assert.Equal(["models/mini"], plan.Models);
        Assert.Equal(new BenchmarkPlan { Name = "squad", Data = "data/squad.json" }, Assert.Single(plan.Benchmarks));
        var bottleneck = Assert.Single(plan.Bottlenecks);
        Assert.Equal(8, bottleneck.Layer);
        Assert.Equal("MixerOutput", bottleneck.Site);
        Assert.Equal("scale", bottleneck.Operation);
        Assert.Equal("all", bottleneck.Positions);
        Assert.Equal([3, 5], bottleneck.Channels.Explicit);
        Assert.Equal([0.5, 1, 2], plan.Scalars);
        Assert.Equal(new DecodingPlan(), plan.Decoding);
        Assert.Equal(new ControlsPlan { Random = 20, Complement = true, OtherLayers = 3, OtherChannels = 3 }, plan.Controls);
        Assert.Null(plan.SmallestEffect);
        Assert.Equal((2, 0.1), (new SmallestEffectPlan().Points, new SmallestEffectPlan().Nats));
        Assert.Equal(new SplitPlan { Selection = 0.5 }, plan.Split);
        Assert.Null(plan.Calibration);
    }

    [Theory]
    [InlineData("screening", 32)]
    [InlineData("{ method: screening }", 32)]
    [InlineData("{ method: screening, items: 8 }", 8)]
    public void Read_Screening_HasItsItems(string search, int items) =>
        Assert.Equal(new SearchPlan { Method = "screening", Items = items }, PlanReader.Read($"{PlanTexts.Valid}\nsearch: {search}", "p").Search);

    [Theory]
    [InlineData("racing", null, 4)]
    [InlineData("{ method: racing, items: 200 }", 200, 4)]
    [InlineData("{ method: racing, saving: 2.5 }", null, 2.5)]
    public void Read_Racing_HasItsItemsAndSaving(string search, int? items, double saving) =>
        Assert.Equal(new SearchPlan { Method = "racing", Items = items, Saving = saving }, PlanReader.Read($"{PlanTexts.Valid}\nsearch: {search}", "p").Search);

    [Theory]
    [InlineData("curve", 32, 7, 5)]
    [InlineData("{ method: curve, items: 8, first: 3, rounds: 2 }", 8, 3, 2)]
    public void Read_Curve_HasItsItemsAndRounds(string search, int items, int first, int rounds) =>
        Assert.Equal(
            new SearchPlan { Method = "curve", Items = items, First = first, Rounds = rounds },
            PlanReader.Read($"{PlanTexts.Valid.Replace("[0.5, 1, 2]", "paper", StringComparison.Ordinal)}\nsearch: {search}", "p").Search);

    [Theory]
    [InlineData("grid")]
    [InlineData("{ method: grid }")]
    public void Read_FullGridByName_IsThePlanThatDoesNotNameIt(string search) =>
        Assert.Equal(SweepIds.Of(PlanReader.Read(PlanTexts.Valid, "p")), SweepIds.Of(PlanReader.Read($"{PlanTexts.Valid}\nsearch: {search}", "p")));

    [Theory]
    [InlineData("search: halving", "search: found 'halving', expected grid, screening, racing or curve, or method:")]
    [InlineData("search: tpe", "search.method: found 'tpe', which there is not, expected curve")]
    [InlineData("search: { method: tpe }", "search.method: found 'tpe', which there is not, expected curve")]
    [InlineData("search: { items: 8 }", "search.method: found no field 'method', expected grid, screening, racing or curve")]
    [InlineData("search: { method: screen }", "search.method: found 'screen', expected grid, screening, racing or curve")]
    [InlineData("search: { method: race }", "search.method: found 'race', expected grid, screening, racing or curve")]
    [InlineData("search: { method: racing, round: 2 }", "search: found unknown field 'round'")]
    [InlineData("search: { method: racing, saving: 0.5 }", "search.saving: found 0.5, expected a number from 1 to 1000")]
    [InlineData("search: { method: screening, saving: 2 }", "search.saving: found saving with method: screening, expected it with method: racing only")]
    [InlineData("search: { method: grid, saving: 2 }", "search.saving: found saving with method: grid")]
    [InlineData("search: { method: racing, rounds: 3 }", "search.rounds: found rounds with method: racing, expected it with method: curve only")]
    [InlineData("search: { method: curve, first: 1 }", "search.first: found 1, expected a whole number of at least 2")]
    [InlineData("search: { method: curve, rounds: 1 }", "search.rounds: found 1, expected a whole number from 2 to 100")]
    [InlineData("search: curve", "search.first: found 7 of at most 2 scalars beside the baseline, expected fewer")]
    [InlineData("search: { method: fit }", "search.method: found 'fit', expected grid, screening, racing or curve")]
    [InlineData("search: { method: screening, items: 0 }", "search.items: found 0, expected a whole number of at least 1")]
    [InlineData("search: { method: grid, items: 8 }", "search.items: found items of a full grid")]
    public void Read_SearchThatIsNone_IsRefused(string search, string problem) =>
        Assert.Contains(PlanTexts.Problems($"{PlanTexts.Valid}\n{search}"), found => found.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void Read_RaceOfOneScalar_IsRefused() =>
        Assert.Contains(
            PlanTexts.Problems(PlanTexts.Valid.Replace("[0.5, 1, 2]", "[0.5, 1]", StringComparison.Ordinal) + "\nsearch: racing"),
            found => found.Contains("search: found one scalar beside the baseline", StringComparison.Ordinal));

    [Fact]
    public void Read_SearchOverPlainTextAlone_IsRefused() =>
        Assert.Contains(
            PlanTexts.Problems(PlanTexts.Valid.Replace("name: squad", "name: text", StringComparison.Ordinal) + "\nsearch: screening"),
            found => found.Contains("search: found plain text alone", StringComparison.Ordinal));

    [Fact]
    public void Read_Folds_StandInPlaceOfShares()
    {
        var plan = PlanReader.Read($"{PlanTexts.Valid}\nsplit: {{ folds: 5 }}", "p");
        Assert.Equal(new SplitPlan { Folds = 5 }, plan.Split);
        Assert.NotEqual(SweepIds.Of(PlanReader.Read(PlanTexts.Valid, "p")), SweepIds.Of(plan));
        Assert.Equal(["p:11:20: split.selection: found a share beside folds, expected one of them"], PlanTexts.Problems($"{PlanTexts.Valid}\nsplit: {{ folds: 5, selection: 0.5 }}"));
    }

    [Fact]
    public void Read_FullPlan_KeepsEveryField()
    {
        var plan = PlanReader.Read(PlanTexts.Full, "p");

        Assert.Equal(PlanWords.PaperScalars, plan.Scalars);
        Assert.Equal(29, plan.Scalars.Count);
        Assert.Equal(new BenchmarkPlan { Name = "squad", Data = "s.json", Label = "s", Items = 3, Split = new SplitPlan { Selection = 0.2, Validation = 0.3 } }, plan.Benchmarks[0]);
        Assert.Equal((null, new SplitPlan { Selection = 0.4, Validation = 0.1 }), (plan.Benchmarks[1].Split, plan.Split));
        Assert.Equal(0.5, plan.Bottlenecks[0].Depth);
        Assert.Equal([0.5, -1], plan.Bottlenecks[0].Values);
        Assert.Equal([-1, 2], plan.Bottlenecks[0].Scalars);
        Assert.Equal((16, "variance"), (plan.Bottlenecks[1].Channels.Top, plan.Bottlenecks[1].Channels.By));
        Assert.Equal(4, plan.Bottlenecks[2].Channels.Random);
        Assert.Equal([1L, 2L], plan.Bottlenecks[2].Channels.Seeds);
        Assert.True(plan.Bottlenecks[3].Channels.All);
        Assert.Equal([7L], plan.Bottlenecks[4].Parts![1].Channels.Seeds);
        Assert.Equal(new DecodingPlan { Generate = false, MaxNewTokens = 12 }, plan.Decoding);
        Assert.Equal(new CalibrationPlan { Data = "c.txt", Half = "calibration", Documents = 10, MaxTokens = 64 }, plan.Calibration);
        Assert.Equal((256, 7L, "bf16", "ada", -2, 2.5), (plan.ContextLimit, plan.Seed, plan.Precision, plan.Owner, plan.Priority, plan.Weight));
        Assert.Equal(new ControlsPlan { Random = 4, NormMatched = 3, VarianceMatched = 2, Complement = true, EqualNorm = false, OtherLayers = 5, OtherChannels = 1 }, plan.Controls);
        Assert.Equal(new SearchPlan { Method = "screening", Items = 16 }, plan.Search);
        Assert.Equal(new SmallestEffectPlan { Points = 3, Nats = 0.25 }, plan.SmallestEffect);
        Assert.Equal(new BudgetPlan { Jobs = 100, DeviceSeconds = 12.5 }, plan.Budget);
    }

    [Theory]
    [InlineData(PlanTexts.Valid)]
    [InlineData(PlanTexts.Full)]
    public void Read_JsonOfAPlan_IsTheSamePlan(string text)
    {
        var plan = PlanReader.Read(text, "p");

        var again = PlanReader.Read(JsonSerializer.Serialize(plan, SweepJson.Indented), "p.json");

        Assert.Equal(SweepIds.Canonical(plan), SweepIds.Canonical(again));
    }

    [Fact]
    public void Read_ControlsOff_HasNone() => Assert.Equal(new ControlsPlan { Random = 0 }, PlanReader.Read(PlanTexts.Valid + "\ncontrols: off", "p").Controls);

    [Fact]
    public void Read_OnlyRandomControls_HasNoOthers() => Assert.Equal(new ControlsPlan { Random = 2 }, PlanReader.Read(PlanTexts.Valid + "\ncontrols: { random: 2 }", "p").Controls);

    [Fact]
    public void Read_CalibratedPlanWithoutControls_HasTheMatchedOnesToo() =>
        Assert.Equal(
            new ControlsPlan { Random = 20, NormMatched = 20, VarianceMatched = 20, Complement = true, EqualNorm = true, OtherLayers = 3, OtherChannels = 3 },
            PlanReader.Read(PlanTexts.Valid + "\ncalibration: { data: c.txt }", "p").Controls);

    [Fact]
    public void Read_StrictControls_AreTwoHundredOfEveryRankedKind()
    {
        var controls = PlanReader.Read(PlanTexts.Valid + "\ncontrols: strict\ncalibration: { data: c.txt }", "p").Controls;

        Assert.Equal((200, 200, 200), (controls.Random, controls.NormMatched, controls.VarianceMatched));
    }

    [Fact]
    public void Read_StrictControlsWithoutCalibration_SaysOnceWhatIsMissing() =>
        Assert.Equal(
            ["p:11:11: controls: found norm_matched, variance_matched, equal_norm in a plan without calibration, expected a field calibration with its text"],
            PlanTexts.Problems(PlanTexts.Valid + "\ncontrols: strict"));

    [Fact]
    public void Read_SeveralMistakes_ReportsAllWithTheirPlaces()
    {
        var problems = PlanTexts.Problems("""
            name: trial
            models: models/mini
            benchmarks:
              - name: squad
                data: 7
                itmes: 4
            bottlenecks:
              - name: planted
                layer: eight
                channels: [3, x]
            scalars: [0.5, .nan]
            """);

        Assert.Equal(
            [
                "p:2:9: models: found 'models/mini', expected a list of model folders",
                "p:5:11: benchmarks[0].data: found 7, expected a benchmark file",
                "p:6:5: benchmarks[0]: found unknown field 'itmes' (is 'items' meant?), expected task, name, data, label, items, window, stride or split",
                "p:9:12: bottlenecks[0].layer: found 'eight', expected a whole number, the 0-based layer",
                "p:10:19: bottlenecks[0].channels[1]: found 'x', expected a whole number, a 0-based channel",
                "p:11:16: scalars[1]: found '.nan', expected a finite number",
            ],
            problems);
    }

    [Fact]
    public void Read_MistakeOfStructure_IsReportedAtItsPlace() =>
        Assert.Equal(
            ["p:9:11: bottlenecks[0].site: found 'MixerOutputs', expected ResidualPre, NormalizedInput, InProjection, Gate, Convolution, SsmInput, Delta, SsmState, SsmOutput, GatedOutput, MixerOutput or ResidualPost"],
            PlanTexts.Problems(PlanTexts.Valid.Replace("    channels:", "    site: MixerOutputs\n    channels:", StringComparison.Ordinal)));

    [Fact]
    public void Read_MissingFields_NamesEach() =>
        Assert.Equal(
            [
                "p:1:1: models: found no field 'models', expected a list of model folders",
                "p:1:1: benchmarks: found no field 'benchmarks', expected a list of benchmarks",
                "p:1:1: bottlenecks: found no field 'bottlenecks', expected a list of bottlenecks",
            ],
            PlanTexts.Problems("name: x"));

    [Theory]
    [InlineData("", "found nothing, expected a plan")]
    [InlineData("- a\n- b", "found a list of 2, expected a plan's fields")]
    [InlineData("name: x\nname: y", "p:2:1: found field 'name' a second time (first in line 1), expected it once")]
    [InlineData("name: &a x", "plans have no anchors and aliases")]
    [InlineData("name: *a", "plans have no anchors and aliases")]
    [InlineData("name: !!str x", "found a tag (!)")]
    [InlineData("name: x\n---\nname: y", "found a second document")]
    [InlineData("{\"name\": ", "cannot be read as YAML or JSON")]
    [InlineData("name: [x\nmodels: ]", "cannot be read as YAML or JSON")]
    public void Read_NotAPlan_SaysWhatWasFound(string text, string expected) => Assert.Contains(PlanTexts.Problems(text), problem => problem.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("top: 4\n    by: variance", "found channels and a recipe beside it, expected one of them")]
    [InlineData("parts: [{layer: 1, channels: all}]", "found layer beside parts, expected it in each part")]
    public void Read_TwoWaysAtOnce_IsRefused(string line, string expected) =>
        Assert.Contains(
            PlanTexts.Problems(PlanTexts.Valid.Replace("    channels:", $"    {line}\n    channels:", StringComparison.Ordinal)),
            problem => problem.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Read_NumberAsName_AsksForText() =>
        Assert.Contains("p:1:7: name: found 5, expected the sweep's name", PlanTexts.Problems(PlanTexts.Valid.Replace("trial", "5", StringComparison.Ordinal)));
}
