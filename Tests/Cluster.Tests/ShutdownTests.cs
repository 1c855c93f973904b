using Sweep.Cluster.Tests.Processes;
using Sweep.Contracts.Store;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Cluster.Tests;

/// <summary>Leaving a cluster in the middle of work.</summary>
public sealed class ShutdownTests(PostgresServer server)
{
    private const int Items = 60;

    [Fact]
    public async Task Terminated_InTheMiddleOfABatch_RecordsItGivesItBackAndLeavesTheTableClean()
    {
        await using var cluster = await SiloCluster.CreateAsync(server);
        var coordinator = cluster.Start("coordinator", ("Sweep__Silo__Roles", "coordinator"), ("Sweep__Planner__TargetMicroBatchSeconds", "0.2"), ("Sweep__Planner__MinimumRows", "1"));
        var first = StartWorker(cluster, "first");
        await Task.WhenAll(coordinator.ReadyAsync(), first.ReadyAsync());
        var id = await cluster.SubmitAsync(TinyPlan.Text(Items));
        await cluster.UntilAsync("the first rows", async () => (await cluster.Store.ReadCostAsync(id, TestContext.Current.CancellationToken)).Rows > 0);

        first.Send(Signal.Terminate);
        await first.ExpectExitAsync(0);
        Assert.Equal(SiloStatus.Dead, (await cluster.ReadMembersAsync())["first"]);
        var batches = await cluster.Store.ListBatchesAsync(id, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(batches, batch => batch.Status == BatchStatus.Leased);
        Assert.Contains(batches, batch => batch.Status == BatchStatus.Pending);
        var before = await cluster.Store.ReadCostAsync(id, TestContext.Current.CancellationToken);
        Assert.InRange(before.Rows, 1, TinyPlan.Rows(Items) - 1);

        // Another one goes on from there: nothing is missing, nothing was done twice, and nobody failed.
        await StartWorker(cluster, "second").ReadyAsync();
        var record = await cluster.EndAsync(id);
        Assert.Equal((SweepState.Completed, null), (record.State, record.Reason));
        var after = await cluster.Store.ReadCostAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal((TinyPlan.Rows(Items), 0), (after.Rows, after.LateWrites));
        Assert.All(await cluster.Store.ListBatchesAsync(id, TestContext.Current.CancellationToken), batch => Assert.Equal(0, batch.FailedAttempts));

        coordinator.Send(Signal.Terminate);
        await coordinator.ExpectExitAsync(0);
        Assert.Equal(SiloStatus.Dead, (await cluster.ReadMembersAsync())["coordinator"]);
    }

    [Fact]
    public async Task Drained_ByTheCommand_TakesNoWorkMore()
    {
        await using var cluster = await SiloCluster.CreateAsync(server);
        var coordinator = cluster.Start("coordinator", ("Sweep__Silo__Roles", "coordinator"));
        var workers = new[] { "first", "second" }.Select(name => StartWorker(cluster, name)).ToArray();
        await Task.WhenAll(workers.Append(coordinator).Select(silo => silo.ReadyAsync()));

        await using var drain = await BuiltProgram.RunAsync("Cli", cluster.ClientVariables, "drain", "--silo", "first");
        await drain.ExpectExitAsync(0);
        Assert.EndsWith("/cpu:0 drained\n", drain.Output, StringComparison.Ordinal);
        var id = await cluster.SubmitAsync(TinyPlan.Text(items: 4));
        Assert.Equal(SweepState.Completed, (await cluster.EndAsync(id)).State);
        Assert.Equal([0, TinyPlan.Rows(4)], await Task.WhenAll(workers.Select(RowsAsync)));
    }

    private static async Task<double> RowsAsync(SiloProcess worker) => (await worker.ReadMetricsAsync())["""sweep_rows_total{device="cpu:0",outcome="accepted"}"""];

    private static SiloProcess StartWorker(SiloCluster cluster, string name) => cluster.Start(name, ("Sweep__Silo__Roles", "worker"), ("Sweep__Worker__Devices", "cpu"));
}
