using System.Text.Json;
using Sweep.Contracts.Store;
using Sweep.Hosting.Clustering.Local;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>A batch whose every worker dies.</summary>
[Collection(nameof(FaultCollection))]
public sealed class PoisonBatchTests(FaultServers servers)
{
    [Fact]
    public async Task Sweep_BatchKillsItsWorkerThreeTimes_IsQuarantinedAndTheOthersEnd()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Fast, SiloKind.Both, SiloKind.Both, SiloKind.Both, SiloKind.Both);
        var sweep = await cluster.SubmitAsync();
        var poison = (await cluster.WaitAsync("waiting for a first lease", sweep, view => view.Leased.Any())).Leased.First().Id;
        for (var kill = 1; kill <= 3; kill++)
        {
            var before = kill - 1;
            LocalSilo? Worker(SweepView view) =>
                view.Find(poison) is { Status: BatchStatus.Leased, WorkerId: { } worker } batch && batch.FailedAttempts == before ? cluster.Silos.SingleOrDefault(silo => silo.Owns(worker)) : null;
            var view = await cluster.WaitAsync($"waiting for attempt {kill} of the poison batch", sweep, view => Worker(view) is not null);
            await cluster.KillAsync(Worker(view)!);
            cluster.Add(SiloKind.Both);
        }

        var ended = await cluster.WaitEndAsync(sweep);

        Assert.Equal(SweepState.Completed, ended.Sweep.State);
        var quarantined = Assert.Single(ended.Batches, batch => batch.Status != BatchStatus.Completed);
        Assert.Equal((poison, BatchStatus.Quarantined, 3), (quarantined.Id, quarantined.Status, quarantined.FailedAttempts));
        Assert.Contains("was lost", quarantined.Reason, StringComparison.Ordinal);
        Assert.Contains("1 quarantined", ended.Sweep.Reason, StringComparison.Ordinal);

        // What is missing is said with its reason; what is there is as undisturbed.
        var audit = await cluster.AuditAsync(sweep);
        Assert.InRange(audit.RowsExpected - audit.RowsRecorded, 1, quarantined.Rows);
        Assert.All(audit.Incomplete, job => Assert.NotEmpty(job.Reasons));
        var found = Items(await cluster.ExportAsync(sweep));
        Assert.Equal(audit.RowsRecorded, found.Count);
        Assert.Subset(Items(servers.Reference), found);
    }

    private static HashSet<string> Items(string export)
    {
        using var document = JsonDocument.Parse(export);
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText())];
    }
}
