using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Running;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void Estimate_OfHalfActivations_CountsTwoBytesOfTheInnerWidth()
    {
        var config = StubLoader.Config;
        var states = 2 * 4L * config.LayerCount * config.DInner * (config.DState + config.DConv);
        Assert.Equal(3 * ((100 * 8 * (4L * (config.DModel + config.DInner))) + (7 * 8L * config.VocabularySize) + states), MemoryBudget.Estimate(config, 2, 2, 100, 7));
        Assert.Equal(3 * ((100 * 8 * ((4L * config.DModel) + (2L * config.DInner))) + (7 * 8L * config.VocabularySize) + states), MemoryBudget.Estimate(config, 2, 2, 100, 7, 2));
    }

    [Fact]
    public void Limit_AfterAPassThatTookHalfOfItsEstimate_IsTwiceTheBudgetForThatModelAndLength()
    {
        long inUse = 5000;
        var budget = new MemoryBudget(1000, () => inUse);
        var before = budget.Before("a");
        inUse = 5400;
        budget.After("a", 100, 800, before);
        Assert.Equal((2000, 1000, 1000), (budget.Limit("a", 100), budget.Limit("a", 1000), budget.Limit("b", 100)));

        // One that found enough free memory says nothing.
        budget.After("a", 100, 8, budget.Before("a"));
        Assert.Equal(2000, budget.Limit("a", 100));
        budget.Failed("a", 100, 1000);
        Assert.Equal(900, budget.Limit("a", 100));
    }

    [Fact]
    public void Limit_WhereNothingIsMeasured_IsTheBudget()
    {
        var budget = new MemoryBudget(1000);
        budget.After("a", 100, 800, budget.Before("a"));
        Assert.Equal(1000, budget.Limit("a", 100));
    }
}
