using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

[Collection("cluster")]
public sealed class FailureTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);

    [Fact]
    public async Task SiloWithoutTheCoordinator_KilledMidBatch_LosesNothingAndItsLateWriteIsRejected()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        await KillMidBatchAsync(silos, victimHoldsCoordinator: false);
    }

    [Fact]
    public async Task SiloWithTheCoordinator_KilledMidBatch_IsTakenOverAndLosesNothing()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        await KillMidBatchAsync(silos, victimHoldsCoordinator: true);
        Assert.Single(silos.Cluster.Silos);
    }

    [Fact]
    public async Task Silo_StoppedMidBatch_GivesTheBatchBackWithoutAFailedAttempt()
    {
        await using var silos = await TestSilos.StartAsync(_work, leaseSeconds: 60);
        var (victim, held, release) = HoldSecondMicroBatch(silos, await OtherSiloAsync(silos));
        await silos.SubmitAsync();
        var batchId = await held.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var stopping = silos.Cluster.StopSiloAsync(silos.Silo(victim), TestContext.Current.CancellationToken);
        release();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);

        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        Assert.Equal(0, silos.Store.Batches.Sum(batch => batch.FailedAttempts));
        Assert.True(silos.Store.Batches.Single(batch => batch.Id == batchId).Attempts <= 2);
    }

    [Fact]
    public async Task Worker_DrainedThroughItsGrain_TakesNoWorkMore()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var victim = silos.Cluster.Silos[0];
        var grain = silos.Cluster.Client.GetGrain<IGpuWorkerGrain>($"{victim.SiloAddress.ToParsableString()}/cpu:0");
        Assert.Equal(("cpu:0", false, null), ((await grain.GetStatusAsync()).Device, (await grain.GetStatusAsync()).Draining, (await grain.GetStatusAsync()).BatchId));
        await grain.DrainAsync();
        Assert.True((await grain.GetStatusAsync()).Draining);
        await silos.SubmitAsync();

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.DoesNotContain(victim.Name, _work.MicroBatchesBySilo.Keys);
        var gone = silos.Cluster.Client.GetGrain<IGpuWorkerGrain>("127.0.0.1:1@1/cpu:0");
        await Assert.ThrowsAnyAsync<Exception>(gone.GetStatusAsync);
    }

    [Fact]
    public async Task Store_AwayForAWhile_IsWaitedForByWorkersAndCoordinator()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = (silo, _, _, _) =>
        {
            if (silos.Store.Ledger.Count > 0 && cut.TrySetResult())
            {
                foreach (var handle in silos.Cluster.Silos)
                    silos.Connection(handle.Name).IsCut = true;
            }

            return Task.CompletedTask;
        };
        await silos.SubmitAsync();
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var rows = silos.Store.Ledger.Count;
        await silos.UntilAsync("everybody to meet the closed door", () => silos.Cluster.Silos.Sum(handle => silos.Connection(handle.Name).Refused) >= 25);
        Assert.Equal(rows, silos.Store.Ledger.Count);
        foreach (var handle in silos.Cluster.Silos)
            silos.Connection(handle.Name).IsCut = false;

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        Assert.All(silos.Store.Batches, batch => Assert.Equal((BatchStatus.Completed, 0), (batch.Status, batch.FailedAttempts)));
    }

    private async Task KillMidBatchAsync(TestSilos silos, bool victimHoldsCoordinator)
    {
        var coordinator = await silos.CoordinatorSiloAsync();
        var (victim, held, release) = HoldSecondMicroBatch(silos, victimHoldsCoordinator ? coordinator : await OtherSiloAsync(silos));
        await silos.SubmitAsync();
        var batchId = await held.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await silos.KillAsync(victim);

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal(0, silos.Store.Shared);
        var killed = silos.Store.Batches.Single(batch => batch.Id == batchId);
        Assert.Equal((BatchStatus.Completed, 2, 1), (killed.Status, killed.Attempts, killed.FailedAttempts));
        Assert.Equal(0, silos.Store.LateWrites);

        // The hung worker of the dead silo wakes up and still reaches the store.
        silos.Connection(victim).IsCut = false;
        release();
        await silos.UntilAsync("the late write", () => silos.Store.LateWrites == 1);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal(0, silos.Store.Shared);
    }

    private static async Task<string> OtherSiloAsync(TestSilos silos)
    {
        var coordinator = await silos.CoordinatorSiloAsync();
        return silos.Cluster.Silos.Single(silo => silo.Name != coordinator).Name;
    }

    /// <summary>The victim stops before the second micro-batch of its first batch; the other silo waits until then.</summary>
    private (string Victim, Task<string> Held, Action Release) HoldSecondMicroBatch(TestSilos silos, string victim)
    {
        Assert.Contains(silos.Cluster.Silos, silo => silo.Name == victim);
        var held = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = 0;
        _work.BeforeMicroBatch = async (silo, batch, index, _) =>
        {
            if (silo != victim)
            {
                await held.Task;
            }
            else if (index == 1 && Interlocked.Exchange(ref first, 1) == 0)
            {
                held.SetResult(batch.Id);
                await release.Task;
            }
        };
        return (victim, held.Task, release.SetResult);
    }
}
