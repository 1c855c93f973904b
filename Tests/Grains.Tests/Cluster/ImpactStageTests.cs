using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>A screening whose channels are ranked by impact is three sweeps: impacts on items 0 to 3, scalars on 4 to 5, the rest.</summary>
public sealed class ImpactStageTests
{
    private const int Measured = 4;
    private const int Screened = 2;

    private static readonly SweepPlan Plan = Plans.Plan with
    {
        Bottlenecks = [new BottleneckPlan { Name = "n0", Layer = 0, Channels = new ChannelsPlan { Top = 2, By = "scaling" } }],
        Search = new SearchPlan { Method = SearchPlan.Screening, Items = Screened },
    };

    private static readonly string SweepId = SweepIds.Of(Plan);
    private static readonly string ScreenId = SweepIds.Of(SearchStages.Before(Plan)!);
    private static readonly string ImpactId = SweepIds.Of(ImpactStages.Of(Plan)!);
    private readonly StubWork _work = new(TestSilos.Resolved) { Resolve = Resolve };

    [Fact]
    public async Task Screening_OfRankedChannels_MeasuresTheirImpactsFirst()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var order = new List<string>();
        _work.BeforeMicroBatch = (_, batch, _, _) =>
        {
            lock (order)
            {
                if (!order.Contains(batch.SweepId))
                    order.Add(batch.SweepId);
            }

            return Task.CompletedTask;
        };
        await silos.SubmitAsync(Plan, SweepId);

        Assert.Equal(SweepState.Completed, (await silos.EndAsync(SweepId)).State);
        Assert.Equal([ImpactId, ScreenId, SweepId], order);
        Assert.Equal(3, _work.Resolutions);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
    }

    [Fact]
    public async Task Plan_WhileItsImpactsAreMeasured_ShowsHowFarThatIs()
    {
        var plan = Plan with { Search = null };
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = Hold();
        await silos.SubmitAsync(plan, SweepIds.Of(plan));
        var coordinator = Coordinator(silos, SweepIds.Of(plan));
        await silos.UntilAsync("the stage's rows", async () => (await coordinator.GetStatusAsync()).RowsTotal > 0);
        var status = await coordinator.GetStatusAsync();
        gate.SetResult();

        Assert.Equal((SweepIds.Of(plan), "Submitted"), (status.SweepId, status.State));
        Assert.StartsWith("impact, ", status.Stage, StringComparison.Ordinal);
        Assert.Equal(SweepState.Completed, (await silos.EndAsync(SweepIds.Of(plan))).State);
    }

    [Fact]
    public async Task Screening_PausedAndCanceled_HoldsAndStopsItsImpacts()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = Hold();
        await silos.SubmitAsync(Plan, SweepId);
        await silos.UntilAsync("two leased batches", () => silos.Store.Batches.Count(batch => batch.Status == BatchStatus.Leased) == 2);
        var coordinator = Coordinator(silos, SweepId);
        await coordinator.PauseAsync();
        Assert.Equal(SweepState.Paused, (await silos.Store.FindSweepAsync(ImpactId, CancellationToken.None))!.State);
        await coordinator.CancelAsync();
        Assert.Equal(SweepState.Canceled, (await silos.Store.FindSweepAsync(ImpactId, CancellationToken.None))!.State);
        gate.SetResult();

        Assert.Null(await silos.Store.FindSweepAsync(ScreenId, CancellationToken.None));
        Assert.Empty(silos.Store.Ledger);
    }

    private static ISweepCoordinatorGrain Coordinator(TestSilos silos, string sweepId) => silos.Cluster.Client.GetGrain<ISweepCoordinatorGrain>(sweepId);

    private static ResolvedPlan Resolve(SweepPlan plan)
    {
        var benchmark = TestSilos.Resolved.Benchmarks[0];
        var items = plan.Search?.Method switch
        {
            SearchPlan.Impact => benchmark.Items.Take(Measured),
            SearchPlan.Screen => benchmark.Items.Skip(Measured).Take(Screened),
            null => benchmark.Items.Skip(Measured),
            _ => benchmark.Items.Skip(Measured + Screened),
        };
        return TestSilos.Resolved with { Benchmarks = [benchmark with { Items = [.. items] }] };
    }

    /// <summary>Every micro-batch waits for it.</summary>
    private TaskCompletionSource Hold()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = async (_, _, _, cancellationToken) => await gate.Task.WaitAsync(cancellationToken);
        return gate;
    }
}
