using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class AgreementTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new[] { 3, 4 }, 0.25)]
    [InlineData(new[] { 1, 2 }, new[] { 2, 1 }, 1)]
    [InlineData(new[] { 1 }, new[] { 2 }, 0)]
    [InlineData(new int[0], new int[0], 1)]
    public void Jaccard_OfSets_IsBothOverEither(int[] a, int[] b, double expected) => Assert.Equal(expected, Agreement.Jaccard(a, b));

    [Fact]
    public void Spearman_WithTies_TakesTheirMeanRanks()
    {
        // Ranks 1, 2.5, 2.5, 4 and 2, 1, 3.5, 3.5: Pearson's of them is 2.25 / 4.5.
        Assert.Equal(0.5, Agreement.Spearman([1, 2, 2, 3], [20, 10, 30, 30])!.Value, 12);
    }

    [Fact]
    public void Spearman_WithUnknownValues_LeavesThemOut() => Assert.Equal(-1, Agreement.Spearman([1, null, 2, 5], [9, 3, 8, null])!.Value, 12);

    [Fact]
    public void Spearman_WithoutAnyChange_IsUnknown()
    {
        Assert.Null(Agreement.Spearman([1, 1], [1, 2]));
        Assert.Null(Agreement.Spearman([1], [1]));
    }
}
