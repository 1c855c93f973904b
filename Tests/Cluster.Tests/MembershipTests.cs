using Sweep.Cluster.Tests.Processes;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Cluster.Tests;

/// <summary>How quickly silence is noticed, how much of it is forgiven, and how a cluster comes back of which nobody is left.</summary>
public sealed class MembershipTests(PostgresServer server)
{
    [Fact]
    public async Task FastProfile_OfAKilledSilo_DeclaresItDeadWithinTwoSecondsAndAWholeNewClusterTakesOver()
    {
        await using var cluster = await SiloCluster.CreateAsync(server, "fast");
        var silos = await cluster.StartReadyAsync("a", "b", "c");
        Assert.All(await cluster.ReadMembersAsync(), member => Assert.Equal(SiloStatus.Active, member.Value));

        silos[2].Send(Signal.Kill);
        Assert.InRange(await cluster.UntilStatusAsync("c", SiloStatus.Dead), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await RestartAsync(cluster, silos[..2]);
    }

    [Fact]
    public async Task StandardProfile_OfASiloThatPausesForEightSeconds_KeepsItAndDeclaresAKilledOneDeadWithinFifteen()
    {
        await using var cluster = await SiloCluster.CreateAsync(server, "standard");
        var silos = await cluster.StartReadyAsync("a", "b", "c");

        silos[1].Send(Signal.Stop);
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        silos[1].Send(Signal.Continue);

        // Any vote that the pause caused is cast within the time that a dead silo would have needed; by then it would be dead.
        silos[2].Send(Signal.Kill);
        Assert.InRange(await cluster.UntilStatusAsync("c", SiloStatus.Dead), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal(SiloStatus.Active, (await cluster.ReadMembersAsync())["b"]);
        await silos[1].ReadyAsync();
        await RestartAsync(cluster, silos[..2]);
    }

    /// <summary>Kills all that is left and starts two others, on other ports. What the processes need to come to Orleans' own part is not membership's and, on a busy machine, nobody's to promise.</summary>
    private static async Task RestartAsync(SiloCluster cluster, SiloProcess[] left)
    {
        foreach (var silo in left)
            silo.Send(Signal.Kill);
        SiloProcess[] started = [cluster.Start("d"), cluster.Start("e")];
        await cluster.UntilAsync("a new silo in the table", async () => (await cluster.ReadMembersAsync()).Keys.Any(name => name is "d" or "e"));
        var joining = System.Diagnostics.Stopwatch.StartNew();
        await Task.WhenAll(started.Select(silo => silo.ReadyAsync()));
        Assert.InRange(joining.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));

        var members = await cluster.ReadMembersAsync();
        Assert.Equal(["d", "e"], members.Where(member => member.Value == SiloStatus.Active).Select(member => member.Key).Order());
        Assert.All(left, silo => Assert.Equal(SiloStatus.Dead, members[silo.Name]));
    }
}
