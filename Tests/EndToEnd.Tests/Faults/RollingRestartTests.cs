using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>A new version of everything while a sweep runs: SIGTERM to one silo after the other.</summary>
[Collection(nameof(FaultCollection))]
public sealed class RollingRestartTests(FaultServers servers)
{
    private static readonly SiloKind[] Old = [SiloKind.Both, SiloKind.Both, SiloKind.Both];

    [Fact]
    public async Task Sweep_AllSilosRestartedOneAfterAnother_EndsAsUndisturbedAndNobodyFails()
    {
        // Two of the new ones are there before the old ones go, so that the sweep is not over before the last has gone.
        var cluster = await servers.ReadyAsync(FaultSettings.Standard, [.. Old, SiloKind.Both, SiloKind.Both]);
        var sweep = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(sweep);
        foreach (var (index, silo) in cluster.Silos.Take(Old.Length).Index())
        {
            var code = await cluster.TerminateAsync(silo);
            Assert.True(code == 0, $"{silo.Name} ended with {code}: {silo.LogEnd()}");
            if (index < Old.Length - 2)
                cluster.Add(SiloKind.Both);
        }

        var atLastExit = await cluster.WaitAsync("looking at the sweep", sweep, _ => true);
        Assert.False(atLastExit.Sweep.State.IsFinal(), "the sweep was over before the last old silo had gone");
        await cluster.ReadyAsync();

        var audit = await cluster.AssertUndisturbedAsync(sweep);
        Assert.Equal(0, audit.Account.LateWrites);
        Assert.All((await cluster.WaitEndAsync(sweep)).Batches, batch => Assert.Equal(0, batch.FailedAttempts));
    }
}
