using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

public sealed class ImpactStagesTests
{
    private static readonly SweepPlan Plan = PlanReader.Read(PlanTexts.Valid, "p") with
    {
        Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 2, Channels = new ChannelsPlan { Top = 4, By = "scaling" } }],
        Budget = new BudgetPlan { Jobs = 9, DeviceSeconds = 60 },
        Hypotheses = [],
    };

    [Fact]
    public void Of_RecipeOverItems_IsASweepOfItsOwnBeforeThePlan()
    {
        var stage = ImpactStages.Of(Plan)!;

        Assert.Equal(Plan with { Name = "trial.impact", Search = new SearchPlan { Method = "impact" }, Hypotheses = null, Budget = new BudgetPlan { DeviceSeconds = 60 } }, stage);
        Assert.Equal(stage, SearchStages.Before(Plan));
        Assert.Null(SearchStages.BeforeInSearch(Plan));
        Assert.Null(SearchStages.Before(stage));
        Assert.Null(ImpactStages.Of(stage));
        Assert.True(SearchStages.IsStage(stage));
        Assert.Equal("impact, running", SearchStages.Progress(stage, "Running"));
    }

    [Theory]
    [InlineData("screening")]
    [InlineData("racing")]
    public void Of_EveryStageOfASearch_IsTheSame(string method)
    {
        var search = Plan with { Search = new SearchPlan { Method = method, Items = 8 } };

        var chain = SearchStages.Chain(search);

        Assert.True(ImpactStages.IsOne(chain[0]));
        Assert.All(chain.Skip(1).Append(search), stage => Assert.Equal(SweepIds.Of(chain[0]), SweepIds.Of(ImpactStages.Of(stage)!)));
        Assert.Null(SearchStages.BeforeInSearch(chain[1]));
        Assert.Equal(SearchStages.Chain(search with { Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 2, Channels = new ChannelsPlan { All = true } }] }).Count + 1, chain.Count);
    }

    [Theory]
    [InlineData("variance", false)]
    [InlineData("kurtosis", false)]
    [InlineData("ablation", true)]
    public void AreNeeded_OnlyByRecipesOverItems(string recipe, bool needed)
    {
        var ofParts = Plan with
        {
            Bottlenecks = [new BottleneckPlan { Name = "b", Parts = [new BottleneckPartPlan { Layer = 1 }, new BottleneckPartPlan { Layer = 2, Channels = new ChannelsPlan { Top = 4, By = recipe } }] }],
        };

        Assert.Equal(needed, ImpactStages.AreNeeded(ofParts));
        Assert.Equal(needed, SearchStages.Before(ofParts) is not null);
    }
}
