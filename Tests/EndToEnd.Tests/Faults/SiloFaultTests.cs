using Sweep.Contracts.Grains;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>Silos that are killed while a sweep runs.</summary>
[Collection(nameof(FaultCollection))]
public sealed class SiloFaultTests(FaultServers servers)
{
    private static readonly SiloKind[] Four = [SiloKind.Both, SiloKind.Both, SiloKind.Both, SiloKind.Both];

    [Fact]
    public async Task Sweep_WorkersSiloKilled_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Fast, Four);
        var sweep = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(sweep);
        var coordinator = await cluster.FindAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(sweep.Id));
        var view = await cluster.WaitAsync("waiting for a worker beside the coordinator", sweep, view => cluster.Silos.Any(silo => silo != coordinator && view.LeasedTo(silo).Any()));

        await cluster.KillAsync(cluster.Silos.First(silo => silo != coordinator && view.LeasedTo(silo).Any()));

        await cluster.AssertUndisturbedAsync(sweep);
    }

    [Fact]
    public async Task Sweep_CoordinatorsSiloKilled_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Fast, Four);
        var sweep = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(sweep);

        await cluster.KillAsync(await cluster.FindAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(sweep.Id)));

        await cluster.AssertUndisturbedAsync(sweep);
    }

    [Fact]
    public async Task Sweep_SchedulersSiloKilled_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Fast, Four);
        var sweep = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(sweep);

        await cluster.KillAsync(await cluster.FindAsync(grains => grains.GetGrain<ISchedulerGrain>(0)));

        await cluster.AssertUndisturbedAsync(sweep);
    }

    [Fact]
    public async Task Sweep_TwoOfFourSilosKilledAtOnce_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Fast, Four);
        var sweep = await cluster.SubmitAsync();
        var view = await cluster.WaitAsync("waiting for two silos at work", sweep, view => view.Completed > 0 && cluster.Silos.Count(silo => view.LeasedTo(silo).Any()) > 1);

        await cluster.KillAsync(cluster.Silos.Where(silo => view.LeasedTo(silo).Any()).Take(2));

        await cluster.AssertUndisturbedAsync(sweep);
    }

    [Fact]
    public async Task Sweep_AllFourSilosKilledAndOthersStarted_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Fast, Four);
        var sweep = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(sweep);

        await cluster.KillAsync(cluster.Silos);
        foreach (var kind in Four)
            cluster.Add(kind);

        await cluster.AssertUndisturbedAsync(sweep);
    }
}
