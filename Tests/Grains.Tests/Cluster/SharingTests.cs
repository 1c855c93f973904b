using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Store;
using Sweep.Grains.Workers;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>Several sweeps, one cluster.</summary>
public sealed class SharingTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);

    [Fact]
    public async Task Sweep_SubmittedToIdleWorkers_WakesThem()
    {
        // Without being woken they would look for work once in ten minutes.
        await using var silos = await TestSilos.StartAsync(
            _work, configure: services => services.PostConfigure<WorkerOptions>(options => (options.IdleMinimumSeconds, options.IdleMaximumSeconds) = (600, 600)));
        await silos.UntilAsync("both workers to have asked", async () =>
            (await silos.Cluster.Client.GetGrain<Contracts.Grains.ISchedulerGrain>(0).ListWorkersAsync()).Count == 2);
        await silos.SubmitAsync();

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
    }

    [Fact]
    public async Task Sweep_SubmittedWhileBatchesRunThatDoNotEnd_GetsAWorkerAfterItsMicroBatch()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = async (_, batch, index, cancellationToken) =>
        {
            if (batch.SweepId == "sweep-b")
            {
                first.TrySetResult();
                late.TrySetResult();
            }
            else if (index > 0)
            {
                // The second micro-batch of every batch lasts until the late sweep runs, or its worker was asked to make room.
                await Task.WhenAny(late.Task, Task.Delay(TimeSpan.FromSeconds(3), cancellationToken));
            }
        };
        await silos.SubmitAsync(Plans.Plan with { Owner = "ann" });
        await silos.UntilAsync("two leased batches", () => silos.Store.Batches.Count(batch => batch.Status == BatchStatus.Leased) == 2);
        await silos.SubmitAsync(Plans.Plan with { Owner = "bob", ContextLimit = 77 }, "sweep-b");
        await first.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(SweepState.Completed, (await silos.EndAsync("sweep-b")).State);
        Assert.Equal(2 * TestSilos.ExpectedRows.Count, silos.Store.Ledger.Count);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        // Room was made by giving a batch back, which is no failure.
        Assert.Equal(0, silos.Store.Batches.Sum(batch => batch.FailedAttempts));
    }

    [Fact]
    public async Task Sweep_ForAKindOfDeviceThatNobodyHas_SaysSo()
    {
        var work = new StubWork(TestSilos.Resolved with { NumericsId = "cuda/1" });
        await using var silos = await TestSilos.StartAsync(work);
        await silos.SubmitAsync();
        await silos.UntilAsync("the hindrance", async () => (await silos.Coordinator.GetStatusAsync()).Hindrance is not null);

        Assert.Equal("no worker has a device of kind 'cuda', found 2 of kind 'cpu'", (await silos.Coordinator.GetStatusAsync()).Hindrance);
        Assert.All(silos.Store.Batches, batch => Assert.Equal(0, batch.Attempts));
    }

    [Fact]
    public async Task Sweep_CanceledAndSubmittedAgain_RunsToTheEnd()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = new TaskCompletionSource();
        _work.BeforeMicroBatch = async (_, _, _, cancellationToken) => await gate.Task.WaitAsync(cancellationToken);
        await silos.SubmitAsync();
        await silos.UntilAsync("a leased batch", () => silos.Store.Batches.Any(batch => batch.Status == BatchStatus.Leased));
        await silos.Coordinator.CancelAsync();
        gate.SetResult();
        Assert.True(await silos.Store.TrySetStateAsync(TestSilos.SweepId, [SweepState.Canceled], SweepState.Submitted, null, CancellationToken.None));
        await silos.Coordinator.StartAsync();

        Assert.Equal((SweepState.Completed, null), ((await silos.EndAsync()).State, (await silos.EndAsync()).Reason));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
    }
}
