using System.Diagnostics;
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
        var clock = Stopwatch.StartNew();
        var silos = await cluster.StartReadyAsync("a", "b", "c");
        var clean = clock.Elapsed;
        Assert.All(await cluster.ReadMembersAsync(), member => Assert.Equal(SiloStatus.Active, member.Value));

        silos[2].Send(Signal.Kill);
        Assert.InRange(await cluster.UntilStatusAsync("c", SiloStatus.Dead), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await RestartAsync(cluster, silos[..2], clean);
    }

    [Fact]
    public async Task StandardProfile_OfASiloThatPausesForEightSeconds_KeepsItAndDeclaresAKilledOneDeadWithinFifteen()
    {
        await using var cluster = await SiloCluster.CreateAsync(server, "standard");
        var clock = Stopwatch.StartNew();
        var silos = await cluster.StartReadyAsync("a", "b", "c");
        var clean = clock.Elapsed;

        silos[1].Send(Signal.Stop);
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        silos[1].Send(Signal.Continue);

        // Any vote that the pause caused is cast within the time that a dead silo would have needed; by then it would be dead.
        silos[2].Send(Signal.Kill);
        Assert.InRange(await cluster.UntilStatusAsync("c", SiloStatus.Dead), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal(SiloStatus.Active, (await cluster.ReadMembersAsync())["b"]);
        await silos[1].ReadyAsync();
        await RestartAsync(cluster, silos[..2], clean);
    }

    /// <summary>
    /// Kills all that is left and starts two others, on other ports: ready within 20 s. Where the machine is so busy that a start takes long by itself (a clean one took
    /// <paramref name="clean"/>), what the dead cost is bounded instead.
    /// </summary>
    private static async Task RestartAsync(SiloCluster cluster, SiloProcess[] left, TimeSpan clean)
    {
        foreach (var silo in left)
            silo.Send(Signal.Kill);
        var clock = Stopwatch.StartNew();
        await cluster.StartReadyAsync("d", "e");
        TestContext.Current.TestOutputHelper?.WriteLine($"ready after {clock.Elapsed.TotalSeconds:0.0} s, a clean start took {clean.TotalSeconds:0.0} s");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(Math.Max(20, 15 + clean.TotalSeconds)));

        var members = await cluster.ReadMembersAsync();
        Assert.Equal(["d", "e"], members.Where(member => member.Value == SiloStatus.Active).Select(member => member.Key).Order());
        Assert.All(left, silo => Assert.Equal(SiloStatus.Dead, members[silo.Name]));
    }
}
