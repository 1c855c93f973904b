using System.Diagnostics;
using Sweep.Contracts.Store;
using Sweep.Hosting.Clustering.Local;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>Workers that hang for longer than their lease, and wake up: members still, as the standard profile forgives such a pause.</summary>
[Collection(nameof(FaultCollection))]
public sealed class SleepTests(FaultServers servers)
{
    /// <summary>One micro-batch a batch: between its grant and its write a worker has nothing to say to its coordinator.</summary>
    private static readonly FaultSettings ShortLeases = new() { Membership = "standard", LeaseSeconds = "2", MicroBatchSeconds = "1" };

    private static readonly SiloKind[] Silos = [SiloKind.Coordinator, SiloKind.Worker, SiloKind.Worker, SiloKind.Worker];

    /// <summary>Less than what the standard profile forgives.</summary>
    private static readonly TimeSpan CoordinatorsPause = TimeSpan.FromSeconds(7);

    [Fact]
    public async Task Sweep_WorkerHangsForLongerThanItsLease_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Standard, Silos);
        var sweep = await cluster.SubmitAsync();
        var (sleeper, held) = await StopAtWorkAsync(cluster, sweep);
        try
        {
            await WaitReleasedAsync(cluster, sweep, held);
        }
        finally
        {
            sleeper.Send(ProcessSignal.Continue);
        }

        await cluster.AssertUndisturbedAsync(sweep);
        Assert.False(sleeper.HasExited, sleeper.LogEnd());
    }

    [Fact]
    public async Task Sweep_WorkerWakesUpWithAWriteDue_RejectsItAndCountsIt()
    {
        var cluster = await servers.ReadyAsync(ShortLeases, Silos);
        var sweep = await cluster.SubmitAsync();
        var coordinator = cluster.Single(SiloKind.Coordinator);
        var (sleeper, held) = await StopAtWorkAsync(cluster, sweep);
        try
        {
            await WaitReleasedAsync(cluster, sweep, held);
            // Nobody tells the sleeper that its lease is another's: only the store stands between its rows and the ledger.
            await coordinator.SuspendAsync(TestContext.Current.CancellationToken);
            sleeper.Send(ProcessSignal.Continue);
            var start = Stopwatch.GetTimestamp();
            while ((await cluster.Store.ReadCostAsync(sweep.Id, TestContext.Current.CancellationToken)).LateWrites == 0)
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < CoordinatorsPause, $"no late write in {CoordinatorsPause.TotalSeconds} s after the worker woke up: {sleeper.LogEnd()}");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            sleeper.Send(ProcessSignal.Continue);
            coordinator.Send(ProcessSignal.Continue);
        }

        var audit = await cluster.AssertUndisturbedAsync(sweep);
        Assert.InRange(audit.Account.LateWrites, 1, long.MaxValue);
        Assert.Equal(audit.Account.LateWrites, audit.Account.Rejected);
    }

    /// <summary>Stops a worker at the beginning of a batch, so that it has rows of it to write when it wakes up.</summary>
    private static async Task<(LocalSilo Sleeper, BatchRecord Held)> StopAtWorkAsync(FaultCluster cluster, FaultSweep sweep)
    {
        var before = await cluster.WaitAtWorkAsync(sweep);
        var known = before.Batches.Select(batch => (batch.Id, batch.Token, batch.Status)).ToHashSet();
        var view = await cluster.WaitAsync("waiting for a grant", sweep, view => Fresh(view).Any());
        var held = Fresh(view).First();
        var sleeper = cluster.Silos.Single(silo => silo.Owns(held.WorkerId!));
        await sleeper.SuspendAsync(TestContext.Current.CancellationToken);
        return (sleeper, held);

        IEnumerable<BatchRecord> Fresh(SweepView view) => view.Leased.Where(batch => !known.Contains((batch.Id, batch.Token, batch.Status)));
    }

    private static Task<SweepView> WaitReleasedAsync(FaultCluster cluster, FaultSweep sweep, BatchRecord held) =>
        cluster.WaitAsync("waiting for the sleeper's batch to be leased to another", sweep, view => view.Find(held.Id).Token > held.Token);
}
