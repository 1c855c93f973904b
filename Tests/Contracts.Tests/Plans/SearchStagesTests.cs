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

    [Fact]
    public void Chain_Racing_IsARoundForEveryHalving()
    {
        // The bottleneck of the text has 5 scalars beside the identity: 5, 3, 2 of them race.
        var racing = Plan with { Scalars = [0.1, 0.2, 0.5, 1, 2, 4], Search = new SearchPlan { Method = "racing", Saving = 4 } };
        var chain = SearchStages.Chain(racing);

        Assert.Equal(["trial.race-1", "trial.race-2", "trial.race-3"], chain.Select(stage => stage.Name));
        Assert.All(chain.Index(), stage => Assert.Equal(racing with { Name = stage.Item.Name, Search = new SearchPlan { Method = "race", Saving = 4, Round = stage.Index + 1 } }, stage.Item));
        Assert.Equal(["racing, round 1 of 3, running", "racing, round 2 of 3, running", "racing, round 3 of 3, running"], chain.Select(stage => SearchStages.Progress(stage, "Running")));
        Assert.All(chain, stage => Assert.True(SearchStages.IsStage(stage)));
        Assert.Equal(chain.Select(SweepIds.Of), SearchStages.Chain(racing).Select(SweepIds.Of));
        Assert.Equal(4, chain.Append(racing).Select(SweepIds.Of).Distinct().Count());
        Assert.Equal(chain.Take(2), SearchStages.Chain(chain[2]));
    }

    [Fact]
    public void Chain_Curve_HasTheRoundsOfThePlan()
    {
        var curve = Plan with { Search = new SearchPlan { Method = "curve", Items = 32, First = 2, Rounds = 4 } };
        var chain = SearchStages.Chain(curve);

        Assert.Equal(["trial.fit-1", "trial.fit-2", "trial.fit-3", "trial.fit-4"], chain.Select(stage => stage.Name));
        Assert.Equal("curve, round 3 of 4, paused", SearchStages.Progress(chain[2], "Paused"));
        Assert.All(chain, stage => Assert.True(SearchStages.IsStage(stage)));
        Assert.Equal(5, chain.Append(curve).Select(SweepIds.Of).Distinct().Count());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(29, 5)]
    public void Rounds_OfScalars_AreOneMoreThanHalvings(int scalars, int rounds)
    {
        var racing = Plan with { Scalars = [.. Enumerable.Range(2, scalars).Select(scalar => (double)scalar)], Search = new SearchPlan { Method = "racing" } };

        Assert.Equal(rounds, SearchStages.Rounds(racing));
        Assert.Equal(rounds, SearchStages.Chain(racing).Count);
    }

    /// <summary>16 scalars on 12 items, then 8 of them on 48: the first 12 are not run again.</summary>
    [Fact]
    public void PlanWork_AfterARound_IsItsFurtherItems()
    {
        double[] scalars = [.. Enumerable.Range(2, 16).Select(scalar => (double)scalar)];
        var first = Round(Resolved([Measure.LogLikelihood], scalars), scalars, 12);
        var second = Round(Resolved([Measure.LogLikelihood], scalars), scalars[..8], 48);

        Assert.Equal(new PlanWork(16, 17 * 12, 12 * (12 + 16 * 3)), PlanWork.Of(first));
        Assert.Equal(new PlanWork(0, 9 * 36, 36 * (12 + 8 * 3)), PlanWork.Of(second, first));
    }

    /// <summary>8 scalars, then 2 more on the same items: the baseline is there, the layers below the fork are run again.</summary>
    [Fact]
    public void PlanWork_AfterFurtherScalars_IsTheirs()
    {
        double[] scalars = [.. Enumerable.Range(2, 16).Select(scalar => (double)scalar)];
        var resolved = Resolved([Measure.LogLikelihood], scalars);

        Assert.Equal(new PlanWork(2, 2 * 48, 48 * (12 + 2 * 3)), PlanWork.Of(Round(resolved, scalars[..10], 48), Round(resolved, scalars[..8], 48)));
        Assert.Equal(new PlanWork(0, 0, 0), PlanWork.Of(Round(resolved, scalars[..8], 48), Round(resolved, scalars[..8], 48)));
    }

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

    private static ResolvedPlan Round(ResolvedPlan resolved, IReadOnlyList<double> scalars, int items) => resolved with
    {
        Benchmarks = [.. resolved.Benchmarks.Select(benchmark => benchmark with { Items = [.. benchmark.Items.Take(items)] })],
        Bottlenecks = [.. resolved.Bottlenecks.Select(bottleneck => bottleneck with { Round = [new ScalarsInRound { Benchmark = 0, Scalars = scalars, Dropped = [] }] })],
    };

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
