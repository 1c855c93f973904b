using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>Silos that are killed while a search runs: a chain of two sweeps, of which nothing but the store knows.</summary>
[Collection(nameof(FaultCollection))]
public sealed class SearchFaultTests(FaultServers servers)
{
    private static readonly SiloKind[] Three = [SiloKind.Both, SiloKind.Both, SiloKind.Both];

    [Fact]
    public async Task Search_SilosKilledInItsFirstStageAndAtItsEnd_EndsAsUndisturbed()
    {
        // The undisturbed run has the machine for itself too.
        await servers.SearchReferenceAsync();
        var cluster = await servers.ReadyAsync(FaultSettings.Fast, Three);
        await using var finder = await cluster.OpenFinderAsync();
        var search = await cluster.SubmitSearchAsync();
        var stage = new FaultSweep(SearchStages.Before(search.Plan)!);
        await cluster.WaitAtWorkAsync(stage);
        var coordinator = await finder.FindAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(search.Id), cluster.Silos);
        var view = await cluster.WaitAsync(
            "waiting for a worker beside the search's coordinator", stage, view => view.Sweep.State.IsFinal() || cluster.Silos.Any(silo => silo != coordinator && view.LeasedTo(silo).Any()));
        Assert.Equal(SweepState.Running, view.Sweep.State);

        // In the middle of the first stage: a worker's silo, perhaps that of the stage's coordinator.
        await cluster.KillAsync(cluster.Silos.First(silo => silo != coordinator && view.LeasedTo(silo).Any()));

        // Between the stages: the silo that would take the search on.
        await cluster.WaitAsync("waiting for the stage's end", stage, view => view.Sweep.State == SweepState.Completed);
        await cluster.KillAsync(coordinator);
        var after = await cluster.WaitAsync("looking at the search", search, _ => true);
        Assert.False(after.Sweep.State.IsFinal(), "the search was over before its coordinator's silo was killed");

        await cluster.AssertUndisturbedAsync(search);
        var audit = await cluster.AuditAsync(stage);
        Assert.Equal(audit.RowsExpected, audit.RowsRecorded);
    }
}
