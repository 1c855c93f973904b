using Sweep.Execution.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Tests.Identification;

public sealed class ImpactRecipesTests
{
    [Fact]
    public void Changes_OfScaling_AreOneScalarEach()
    {
        var changes = ImpactRecipes.Changes("scaling", 3, Site.SsmOutput, 7, [0.5, 1, 2, 2], null);

        Assert.Equal(["0.5", "2"], changes.Select(change => change.Name));
        Assert.Equal([0.5, 2], changes.Select(change => change.Change.Scalar));
        Assert.All(changes, change =>
        {
            Assert.Equal((3, Site.SsmOutput, Operation.Scale), (change.Change.Layer, change.Change.Site, change.Change.Operation));
            Assert.Equal([7], change.Change.Channels);
        });
    }

    [Theory]
    [InlineData("ablation", Operation.ZeroAblate, "ablated", null)]
    [InlineData("mean_ablation", Operation.MeanAblate, "mean", 0.25)]
    public void Changes_OfAblations_AreOne(string recipe, Operation operation, string name, double? value)
    {
        var (called, change) = Assert.Single(ImpactRecipes.Changes(recipe, 3, Site.Delta, 7, [0.5], 0.25));

        Assert.Equal((name, operation), (called, change.Operation));
        Assert.Equal(value, change.Values?[0]);
        Assert.Equal(recipe, ImpactRecipes.Of(change.Operation));
    }

    [Fact]
    public void Scores_OfChanges_AreTheLargestEffectEitherWay() =>
        Assert.Equal([0.3, 0.2], ImpactRecipes.Scores([[-0.3, 0.1], [0.1, 0.2]]));

    [Fact]
    public void Scores_WhereAChangeDiverged_AreUnknown() =>
        Assert.Equal([null, 0.2], ImpactRecipes.Scores([[-0.3, 0.1], [null, 0.2]]));

    [Fact]
    public void Mean_WithAnUnknownItem_IsUnknown()
    {
        Assert.Equal(2, RowEffects.Mean([1, 3, null], [0, 1]));
        Assert.Null(RowEffects.Mean([1, 3, null], [0, 2]));
        Assert.Null(RowEffects.Mean([1], []));
    }
}
