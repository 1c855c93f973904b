using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

public sealed class FailureTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);

    [Fact]
    public async Task SiloWithoutTheCoordinator_KilledMidBatch_LosesNothingAndItsLateWriteIsRejected()
    {
        await using var silos = await TestSilos.StartMortalAsync(_work);
        await KillMidBatchAsync(silos, await OtherSiloAsync(silos));
    }

    [Fact]
    public async Task SiloWithTheCoordinator_KilledMidBatch_IsTakenOverAndLosesNothing()
    {
        await using var silos = await TestSilos.StartMortalAsync(_work);
        await KillMidBatchAsync(silos, await silos.CoordinatorSiloAsync());
        Assert.Single(silos.Cluster.Silos);
    }

    [Fact]
    public async Task SiloWithTheScheduler_Killed_IsReplacedAndTheSweepGoesOn()
    {
        await using var silos = await TestSilos.StartMortalAsync(_work);
        await KillMidBatchAsync(silos, await silos.SchedulerSiloAsync());
        Assert.Single(await silos.Cluster.Client.GetGrain<ISchedulerGrain>(0).ListWorkersAsync());
    }

    [Fact]
    public async Task Batch_ThatKillsItsSiloThreeTimes_IsQuarantinedWithTheReasonAndTheSweepGoesOn()
    {
        await using var silos = await TestSilos.StartMortalAsync(_work, count: 1);
        // Batch 1 kills where it runs; the test is the kernel that does it.
        var doomed = System.Threading.Channels.Channel.CreateUnbounded<string>();
        _work.BeforeMicroBatch = async (silo, batch, _, cancellationToken) =>
        {
            if (!batch.Id.EndsWith("000001", StringComparison.Ordinal))
                return;
            doomed.Writer.TryWrite(silo);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        };
        await silos.SubmitAsync();
        for (var kill = 0; kill < 3; kill++)
        {
            var victim = await doomed.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            // One that takes over is there before.
            await silos.Cluster.StartAdditionalSiloAsync();
            await silos.KillAsync(victim);
        }

        var sweep = await silos.EndAsync();
        var poison = Assert.Single(silos.Store.Batches, batch => batch.Status != BatchStatus.Completed);
        Assert.Equal((BatchStatus.Quarantined, 3, 3), (poison.Status, poison.Attempts, poison.FailedAttempts));
        Assert.Matches("^attempt 3 of 3: worker .*/cpu:0 was lost$", poison.Reason);
        Assert.Equal((SweepState.Completed, $"1 quarantined and 0 faulted of {silos.Store.Batches.Count} batches; first {poison.Id}: {poison.Reason}"), (sweep.State, sweep.Reason));
        // The client's gateways are dead.
        var status = await silos.Cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<ISweepCoordinatorGrain>(TestSilos.SweepId).GetStatusAsync();
        Assert.Equal((1, sweep.Reason), (status.BatchesQuarantined, status.SetAside));
        Assert.Equal(TestSilos.ExpectedRows.Count - poison.Rows, silos.Store.Ledger.Count);
    }

    [Fact]
    public async Task Silo_StoppedMidBatch_GivesTheBatchBackWithoutAFailedAttempt()
    {
        await using var silos = await TestSilos.StartAsync(_work);
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
        var isCut = 0;
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = (silo, _, _, _) =>
        {
            if (silos.Store.Ledger.Count > 0 && Interlocked.Exchange(ref isCut, 1) == 0)
            {
                foreach (var handle in silos.Cluster.Silos)
                    silos.Connection(handle.Name).IsCut = true;
                cut.SetResult();
            }

            return Task.CompletedTask;
        };
        await silos.SubmitAsync();
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        int Refused() => silos.Cluster.Silos.Sum(handle => silos.Connection(handle.Name).Refused);
        await silos.UntilAsync("everybody to meet the closed door", () => Refused() >= 10 && silos.Cluster.Silos.Sum(handle => silos.Connection(handle.Name).Underway) == 0);
        var rows = silos.Store.Ledger.Count;
        await silos.UntilAsync("everybody to meet it again", () => Refused() >= 25);
        Assert.Equal(rows, silos.Store.Ledger.Count);
        foreach (var handle in silos.Cluster.Silos)
            silos.Connection(handle.Name).IsCut = false;

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        Assert.All(silos.Store.Batches, batch => Assert.Equal((BatchStatus.Completed, 0), (batch.Status, batch.FailedAttempts)));
    }

    [Fact]
    public async Task Device_WhileTheStoreTakesItsTime_IsAtTheNextMicroBatchButNotAtTheOneBehindIt()
    {
        await using var silos = await TestSilos.StartAsync(_work, count: 1);
        var connection = silos.Connection(silos.Cluster.Silos[0].Name);
        var begun = new List<int>();
        string? watched = null;
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = (_, batch, index, _) =>
        {
            if (batch.MicroBatches.Count < 3 || (watched ??= batch.Id) != batch.Id)
                return Task.CompletedTask;
            begun.Add(index);
            if (index == 0)
                connection.IsCut = true;
            if (index == 1)
                second.SetResult();
            return Task.CompletedTask;
        };
        await silos.SubmitAsync();
        await second.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await silos.UntilAsync("the closed door to be met again and again", () => connection.Refused >= 5);
        Assert.Equal([0, 1], begun);
        connection.IsCut = false;

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        Assert.All(silos.Store.Batches, batch => Assert.Equal(1, batch.Attempts));
    }

    private async Task KillMidBatchAsync(TestSilos silos, string siloName)
    {
        var (victim, held, release) = HoldSecondMicroBatch(silos, siloName);
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
                var before = batch.MicroBatches[0];
                var recorded = (batch.Jobs[before.FirstJob].Id, batch.ItemIds[before.FirstItem]);
                await silos.UntilAsync("the first micro-batch to be recorded", () => silos.Store.Ledger.Contains(recorded));
                held.SetResult(batch.Id);
                await release.Task;
            }
        };
        return (victim, held.Task, release.SetResult);
    }
}
