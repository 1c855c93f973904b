using Sweep.Execution.Planning;

namespace Sweep.Execution.Tests.Planning;

public sealed class FoldDealingTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 23).Select(group => $"passage {group}")];

    [Fact]
    public void Deal_AnyOrder_GivesEachGroupOneFoldOfEqualSize()
    {
        var dealt = FoldDealing.Deal(Names, 5, seed: 4);
        Assert.Equal(Names.Order(), dealt.Keys.Order());
        Assert.Equal([4, 4, 5, 5, 5], dealt.GroupBy(pair => pair.Value).Select(fold => fold.Count()).Order());
        var again = FoldDealing.Deal(Names.Reverse().Concat(Names), 5, seed: 4);
        Assert.All(Names, name => Assert.Equal(dealt[name], again[name]));
    }

    [Fact]
    public void Deal_OtherSeed_IsAnotherDealing()
    {
        var (one, other) = (FoldDealing.Deal(Names, 5, seed: 4), FoldDealing.Deal(Names, 5, seed: 5));
        Assert.Contains(Names, name => one[name] != other[name]);
    }

    [Fact]
    public void Deal_FewerGroupsThanFolds_LeavesOneOutEach() => Assert.Equal([0, 1, 2], FoldDealing.Deal(["a", "b", "c"], 5, seed: 0).Values.Order());
}
