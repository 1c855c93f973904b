using Sweep.Cluster.Tests.Processes;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Cluster.Tests;

/// <summary>Coordinators and workers on silos of their own.</summary>
public sealed class RolesTests(PostgresServer server)
{
    [Fact]
    public async Task Grains_OfSilosWithOneRoleEach_LiveOnlyWhereTheirRoleIsWhoeverCalls()
    {
        await using var cluster = await SiloCluster.CreateAsync(server);
        var coordinator = cluster.Start("coordinator", ("Sweep__Silo__Roles", "coordinator"));
        var workers = new[] { "worker-a", "worker-b" }.Select(name => cluster.Start(name, ("Sweep__Silo__Roles__0", "worker"), ("Sweep__Worker__Devices", "cpu"))).ToArray();
        await Task.WhenAll(workers.Append(coordinator).Select(silo => silo.ReadyAsync()));
        var grains = await cluster.ClientAsync();

        // Many sweeps: chance would put some of their coordinators elsewhere. They are called from the client and, by their workers, from every silo.
        var ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(seed => cluster.SubmitAsync(TinyPlan.Text(items: 2, seed))));
        foreach (var id in ids)
            Assert.Equal((SweepState.Completed, null), await StateAsync(cluster, id));

        var management = grains.GetGrain<IManagementGrain>(0);
        var hosts = (await management.GetDetailedHosts(onlyActive: true, TestContext.Current.CancellationToken)).ToDictionary(host => host.SiloAddress, host => host.SiloName);
        foreach (var id in ids)
            Assert.Equal("coordinator", hosts[(await management.GetActivationAddress(grains.GetGrain<ISweepCoordinatorGrain>(id), TestContext.Current.CancellationToken))!]);
        Assert.Equal("coordinator", hosts[(await management.GetActivationAddress(grains.GetGrain<ISchedulerGrain>(0), TestContext.Current.CancellationToken))!]);

        var descriptions = await Task.WhenAll(hosts.Keys.Select(silo => grains.GetGrain<ISiloWorkersGrain>(silo.ToParsableString()).DescribeAsync()));
        Assert.Equal(["coordinator: coordinator, 0 workers", "worker-a: worker, 1 workers", "worker-b: worker, 1 workers"],
            descriptions.Select(silo => $"{silo.Name}: {string.Join('+', silo.Roles)}, {silo.Workers.Count} workers").Order());
        Assert.Equal(6 * TinyPlan.Rows(2), descriptions.SelectMany(silo => silo.Workers).Sum(worker => worker.RowsDone));
        Assert.All(descriptions.SelectMany(silo => silo.Workers), worker => Assert.Equal(("cpu:0", "cpu"), (worker.Device, worker.Facts!.Kind)));

        // A coordinator has no worker to ask for.
        var none = $"{hosts.Single(host => host.Value == "coordinator").Key.ToParsableString()}/cpu:0";
        Assert.Contains("is gone", (await Assert.ThrowsAsync<InvalidOperationException>(grains.GetGrain<IGpuWorkerGrain>(none).GetStatusAsync)).Message, StringComparison.Ordinal);
    }

    private static async Task<(SweepState State, string? Reason)> StateAsync(SiloCluster cluster, string id)
    {
        var record = await cluster.EndAsync(id);
        return (record.State, record.Reason);
    }
}
