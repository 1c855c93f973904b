using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Grains.Workers;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

[Collection("cluster")]
public sealed class DrainTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);

    [Fact]
    public async Task Silo_WhoseMicroBatchOutlastsTheDrain_GivesItUpAndItsBatchBack()
    {
        await using var silos = await TestSilos.StartAsync(_work, configure: services => services.Configure<WorkerOptions>(options => options.DrainSeconds = 0.5));
        var victim = silos.Cluster.Silos[0];
        var held = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = async (silo, batch, _, cancellationToken) =>
        {
            if (silo == victim.Name)
            {
                held.TrySetResult(batch.Id);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            // Otherwise the other silo may have done everything before the victim asks for work.
            await held.Task.WaitAsync(cancellationToken);
        };
        await silos.SubmitAsync();
        var batchId = await held.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await silos.Cluster.StopSiloAsync(victim, TestContext.Current.CancellationToken);

        // The lease had a minute to go: the batch came back because it was given back.
        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        var batch = silos.Store.Batches.Single(batch => batch.Id == batchId);
        Assert.Equal((BatchStatus.Completed, 2, 0), (batch.Status, batch.Attempts, batch.FailedAttempts));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
    }

    [Fact]
    public async Task SiloWorkers_OfEverySilo_AreDescribedAndDrainedByTheSilosAddress()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        foreach (var silo in silos.Cluster.Silos)
        {
            var grain = silos.Cluster.Client.GetGrain<ISiloWorkersGrain>(silo.SiloAddress.ToParsableString());
            var description = await grain.DescribeAsync();
            Assert.Equal((silo.SiloAddress.ToParsableString(), silo.Name), (description.Address, description.Name));
            Assert.Equal(["coordinator", "worker"], description.Roles);
            var worker = Assert.Single(description.Workers);
            Assert.Equal(($"{description.Address}/cpu:0", "cpu", false), (worker.WorkerId, worker.Facts!.Kind, worker.Draining));
            Assert.Equal((null, 0, null, true), (worker.LeaseSeconds, worker.Faults, worker.TokensPerSecond, worker.ProcessMemory > 0));
            await grain.DrainAsync();
            Assert.True(Assert.Single((await grain.DescribeAsync()).Workers).Draining);
        }

        var gone = silos.Cluster.Client.GetGrain<ISiloWorkersGrain>("127.0.0.1:1@1");
        Assert.Contains("its silo is not in the cluster", (await Assert.ThrowsAsync<InvalidOperationException>(gone.DescribeAsync)).Message, StringComparison.Ordinal);
        var nonsense = silos.Cluster.Client.GetGrain<ISiloWorkersGrain>("nonsense");
        Assert.Contains("names no silo", (await Assert.ThrowsAsync<ArgumentException>(nonsense.DescribeAsync)).Message, StringComparison.Ordinal);
    }
}
