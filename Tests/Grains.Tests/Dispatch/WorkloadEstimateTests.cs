using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class WorkloadEstimateTests
{
    private static ResolvedPlan Resolved(string site, int layer) => new()
    {
        NumericsId = "cpu/1",
        Models = [Plans.Model(0)],
        Benchmarks = [Plans.Benchmark("b", "squad", "data", [Measure.LogLikelihood], items: 1, longest: 1)],
        Bottlenecks = [Plans.Bottleneck(0, "n", -1, layer, site, scalars: 2)],
    };

    [Theory]
    [InlineData("ResidualPre", 6, 0)]
    [InlineData("Convolution", 5, 2 * 64 * 128)]
    [InlineData("Gate", 4, 1)]
    [InlineData("SsmOutput", 4, 1)]
    [InlineData("GatedOutput", 4, 1)]
    [InlineData("MixerOutput", 4, 0)]
    [InlineData("ResidualPost", 4, 0)]
    public void Of_OneSteeredLayer_CountsWhatItsSiteRecomputes(string site, int blocks, int part)
    {
        // Layer 1 of 6 for most, so that 4 blocks lie above it; the whole block is one more.
        const double block = 64 * 128 * 3 + 4000;
        const int tokens = 1 + 3;
        var layer = site switch { "ResidualPre" => 0, _ => 1 };
        var recomputed = part switch { 0 => blocks * block, 1 => blocks * block + 64 * 128, _ => blocks * block - part };

        var estimate = WorkloadEstimate.Of(Plans.Plan, Resolved(site, layer), new BatchPlannerOptions { MultiplyAddsPerSecond = 1000 });

        // Scalars 0 and 0.5: the baseline and two rows.
        Assert.Equal(3, estimate.Jobs);
        Assert.Equal(3, estimate.Rows);
        Assert.Equal(tokens * (6 * block + 2 * recomputed), estimate.MultiplyAdds);
        Assert.Equal(tokens * 3 * 6 * block, estimate.MultiplyAddsAlone);
        Assert.Equal(estimate.MultiplyAdds / 1000, estimate.Seconds);
    }

    [Fact]
    public void Of_RecordedJobs_CountsThemApart()
    {
        var estimate = WorkloadEstimate.Of(Plans.Plan, Resolved("MixerOutput", 3), new BatchPlannerOptions(), (_, _) => true);

        Assert.Equal((3, 0, 0L, 3L, 0.0), (estimate.Jobs, estimate.Batches, estimate.Rows, estimate.RowsRecorded, estimate.SavedShare));
    }
}
