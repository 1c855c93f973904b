using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>The database away, and a database that refuses.</summary>
[Collection(nameof(FaultCollection))]
public sealed class StoreFaultTests(FaultServers servers)
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_PostgresStoppedForTwentySeconds_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Standard, SiloKind.Both, SiloKind.Both, SiloKind.Both);
        var sweep = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(sweep);
        var silos = cluster.Silos;

        await servers.Postgres.StopAsync();
        await Task.Delay(Away, Token);
        await servers.Postgres.StartAgainAsync(Token);

        await cluster.AssertUndisturbedAsync(sweep);
        Assert.All(silos, silo => Assert.False(silo.HasExited, silo.LogEnd()));
    }

    [Fact]
    public async Task Sweep_WritesRefusedForTwentySeconds_EndsAsUndisturbed()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Standard, SiloKind.Both, SiloKind.Both, SiloKind.Both);
        var sweep = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(sweep);

        await cluster.Account.RevokeWritingAsync();
        var before = await RowsAsync(cluster, sweep);
        await Task.Delay(Away, Token);
        var after = await RowsAsync(cluster, sweep);
        await cluster.Account.GrantWritingAsync();

        Assert.Equal(before, after);
        await cluster.AssertUndisturbedAsync(sweep);
    }

    private static async Task<long> RowsAsync(FaultCluster cluster, FaultSweep sweep) => (await cluster.Store.ReadCostAsync(sweep.Id, Token)).Rows;
}
