using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

public sealed class ResolutionTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);

    /// <summary>The test is both workers. Between the report of the one and the tick that goes on with the plan, the other asks.</summary>
    [Fact]
    public async Task Plan_ThatAWorkerHasResolved_IsNotGivenToAnotherBeforeTheStoreKnows()
    {
        await using var silos = await TestSilos.StartAsync(_work, count: 1);
        var silo = silos.Cluster.Silos[0];
        await silos.Cluster.Client.GetGrain<IGpuWorkerGrain>($"{silo.SiloAddress.ToParsableString()}/cpu:0").DrainAsync();
        await silos.SubmitAsync();
        WorkGrant? grant = null;
        await silos.UntilAsync("a plan to resolve", async () => (grant = await PullAsync(silos, "a")) is not null);
        Assert.Equal(WorkKind.ResolvePlan, grant!.Kind);
        Assert.Null(await PullAsync(silos, "b"));

        await silos.Store.SaveResolutionAsync(TestSilos.SweepId, TestSilos.Resolved, TestContext.Current.CancellationToken);
        silos.Connection(silo.Name).IsCut = true;
        await silos.Coordinator.ReportResolutionAsync("a", null);
        Assert.Null(await PullAsync(silos, "b"));

        silos.Connection(silo.Name).IsCut = false;
        await silos.UntilAsync("a batch", async () => (grant = await PullAsync(silos, "b")) is not null);
        Assert.Equal(WorkKind.RunBatch, grant.Kind);
    }

    private static Task<WorkGrant?> PullAsync(TestSilos silos, string workerId) => silos.Coordinator.PullAsync(new WorkerDescription { WorkerId = workerId, Device = "cpu:0" });
}
