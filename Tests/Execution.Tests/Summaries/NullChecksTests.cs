using Sweep.Contracts.Jobs;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Tests.Summaries;

/// <summary>A small version of `Perf null`: bottlenecks and random sets that all change the model, rearranged so that no bottleneck is left.</summary>
public sealed class NullChecksTests
{
    private const int Replicates = 100;

    /// <summary>5 % of 100 are 5 with a standard deviation of 2.2.</summary>
    private const int Most = 12;

    [Fact]
    public async Task SwappedLabelsAsync_RealEffects_AreNoFindingsAnyMore()
    {
        var checks = await OpenAsync();
        var found = 0;
        for (var replicate = 0; replicate < Replicates; replicate++)
            found += (await checks.SwappedLabelsAsync(replicate)).Effects ? 1 : 0;
        Assert.InRange(found, 0, Most);
    }

    [Fact]
    public async Task CrossFittedAsync_RealEffects_AreNoFindingsAnyMore()
    {
        var checks = await OpenAsync();
        var found = 0;
        for (var replicate = 0; replicate < 4; replicate++)
            found += (await checks.CrossFittedAsync(replicate, 5)).Effects ? 1 : 0;

        // A sample: Perf null has all of them.
        Assert.InRange(found, 0, 1);
    }

    [Fact]
    public async Task RandomAmongRandomAsync_AnySets_RankNoHigherThanChanceSays()
    {
        var checks = await OpenAsync();
        var findings = new List<NullFindings>();
        for (var replicate = 0; replicate < Replicates; replicate++)
            findings.Add(await checks.RandomAmongRandomAsync(replicate, 20));
        Assert.InRange(findings.Count(found => found.Ranks), 0, Most);
        Assert.All(findings, found => Assert.Equal(4, found.RankedRows));

        // The sets do change the model, and that is found.
        Assert.All(findings, found => Assert.True(found.Effects));
    }

    [Fact]
    public async Task DuplicatesAsync_ScalarOne_FindsNothing()
    {
        var checks = await OpenAsync();
        for (var replicate = 0; replicate < 5; replicate++)
        {
            var found = await checks.DuplicatesAsync(replicate, 20);
            Assert.Equal((false, false, false, 4), (found.Effects, found.Holm, found.Ranks, found.RankedRows));
        }
    }

    [Fact]
    public async Task RandomAmongRandomAsync_TooFewSets_SaysHowManyItTakes()
    {
        var checks = await OpenAsync();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => checks.RandomAmongRandomAsync(0, 24));
        Assert.Equal("found 24 random controls of 'b0', expected more than 24", refused.Message);
    }

    /// <summary>Two bottlenecks of 24 random controls each on two benchmarks; all help a little, each differently, on items that differ in how much.</summary>
    private static Task<NullChecks> OpenAsync()
    {
        Measure[] both = [Measure.LogLikelihood, Measure.Generation];
        var ledger = new Ledger
        {
            Row = (identity, item) =>
            {
                var layer = identity.Interventions is [{ } one] ? one.Layer + (1000 * (int)(10 * one.Scalar!)) : 0;
                var random = new Random((layer * 100_003) + (identity.Benchmark.Length * 7_919) + (int.Parse(item.Id[1..], System.Globalization.CultureInfo.InvariantCulture) * 2) + (item.Id[0] == 's' ? 1 : 0));
                var gain = layer == 0 ? 0 : 0.5 + (0.02 * (layer % 7)) + random.NextDouble() - 0.5;
                return identity.Measure == Measure.Generation
                    ? Ledger.Result(identity, item, random.NextDouble() < (layer == 0 ? 0.2 : 0.7) ? 1 : 0)
                    : Ledger.Result(identity, item, logLikelihood: -5 + gain);
            },
        };
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("squad", 10, 40, both)));
        ledger.Benchmarks.Add(Ledger.Benchmark("triviaqa", 10, 40, both));
        for (var index = 0; index < 2; index++)
        {
            ledger.Bottlenecks.Add(Ledger.Scale($"b{index}", 1 + index, 1, 2));
            ledger.Bottlenecks.AddRange(Enumerable.Range(0, 24).Select(control => Ledger.Control($"b{index}", control, 20 + (50 * index) + control, 1, 2)));
        }

        return NullChecks.OpenAsync(ledger.Store(), "id", TestContext.Current.CancellationToken);
    }
}
