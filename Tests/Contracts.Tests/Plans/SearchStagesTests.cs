using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

public sealed class SearchStagesTests
{
    private static readonly SweepPlan Plan = PlanReader.Read(PlanTexts.Valid + "\nsearch: screening", "p");

    [Fact]
    public void Before_Screening_IsAPlanOfItsOwnName()
    {
        var stage = SearchStages.Before(Plan)!;

        Assert.Equal(Plan with { Name = "trial.screen", Search = new SearchPlan { Method = "screen", Items = 32 } }, stage);
        Assert.StartsWith("trial.screen-", SweepIds.Of(stage), StringComparison.Ordinal);
        Assert.True(SearchStages.IsStage(stage));
        Assert.False(SearchStages.IsStage(Plan));
        Assert.Null(SearchStages.Before(stage));
        Assert.Null(SearchStages.Before(Plan with { Search = null }));
    }

    [Fact]
    public void Before_OtherPlanOfTheSameName_IsAnotherSweep() =>
        Assert.NotEqual(SweepIds.Of(SearchStages.Before(Plan)!), SweepIds.Of(SearchStages.Before(Plan with { Seed = 1 })!));

    /// <summary>16 configurations at layer 8 of 12: a pass of all layers an item, which is the baseline, and three layers a configuration.</summary>
    [Fact]
    public void PlanWork_SharedLayers_CountOnceAnItem()
    {
        var resolved = Resolved([Measure.LogLikelihood], [.. Enumerable.Range(2, 16).Select(scalar => (double)scalar)]);

        Assert.Equal(new PlanWork(16, 17 * 48, 48 * (12 + 16 * 3)), PlanWork.Of(resolved));
    }

    [Fact]
    public void PlanWork_Responses_ArePassesOfAllLayers()
    {
        var resolved = Resolved([Measure.LogLikelihood, Measure.Generation], [0.5, 1]);

        // The identity is the baseline.
        Assert.Equal(new PlanWork(1, 2 * 2 * 48, 48 * (12 + 12 + 3 + 12)), PlanWork.Of(resolved));
    }

    [Fact]
    public void ScalarsOn_AfterChoices_AreTheChoiceAndTheIdentity()
    {
        var bottleneck = Resolved([Measure.LogLikelihood], [0.5, 1, 2]).Bottlenecks[0] with
        {
            Choices = [new FrozenChoice { Benchmark = 0, Scalar = 2, SelectionItems = 4, Tried = 3, Diverged = 0 }, new FrozenChoice { Benchmark = 1, Scalar = 1, SelectionItems = 4, Tried = 3, Diverged = 0 }],
        };

        Assert.Equal([1, 2], bottleneck.ScalarsOn(0));
        Assert.Equal([1], bottleneck.ScalarsOn(1));
        Assert.Equal([0.5, 1, 2], bottleneck.ScalarsOn(2));
        Assert.Empty((bottleneck with { Role = BottleneckRole.Control }).ScalarsOn(2));
    }

    private static ResolvedPlan Resolved(IReadOnlyList<Measure> measures, IReadOnlyList<double> scalars) => new()
    {
        NumericsId = "cpu/1",
        Models = [new ResolvedModel { Name = "m", Path = "m", WeightsHash = "w", TokenizerHash = "t", ModelType = "mamba", Layers = 12, DModel = 8, DInner = 16, BlockMultiplyAdds = 1, Parameters = 1 }],
        Benchmarks =
        [
            new ResolvedBenchmark
            {
                Name = "b", Kind = "squad", Path = "b", DataHash = "d", PromptVersion = "1", MetricVersion = "1", PrimaryMetric = "em", Measures = measures,
                Items = [.. Enumerable.Range(0, 48).Select(item => new ResolvedItem { Id = $"{item}", Group = $"{item}", Split = ItemSplit.Test, PromptTokens = [5], GoldTokens = [1] })],
            },
        ],
        Bottlenecks =
        [
            new ResolvedBottleneck
            {
                Model = 0, Name = "b", Role = BottleneckRole.Bottleneck, Recipe = "explicit", Scalars = scalars,
                Interventions = [new InterventionSpec { Layer = 8, Site = "MixerOutput", Operation = "Scale", Positions = "All", Channels = [1] }],
            },
        ],
    };
}
