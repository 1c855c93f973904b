using System.Text.Json;
using Microsoft.Playwright;
using Sweep.Contracts.Store;
using Sweep.EndToEnd.Tests.Dashboards;
using Sweep.Hosting.Clustering.Local;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>A batch whose every worker dies.</summary>
[Collection(nameof(FaultCollection))]
public sealed class PoisonBatchTests(FaultServers servers, ChromiumFixture chromium)
{
    [Fact]
    public async Task Sweep_BatchKillsItsWorkerThreeTimes_IsQuarantinedUntilSomebodyRetriesIt()
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

        await RetryAsync(cluster, sweep, poison);
        await cluster.AssertUndisturbedAsync(sweep);
    }

    /// <summary>By the button of the dashboard, when the batch is there for somebody to look at.</summary>
    private async Task RetryAsync(FaultCluster cluster, FaultSweep sweep, string batch)
    {
        using var dashboard = await DashboardProcess.StartHostAsync(servers.Folder, cluster.ClientVariables);
        await using var tab = await chromium.OpenAsync();
        await tab.Page.GotoAsync(new Uri(dashboard.Address, "queue").AbsoluteUri);
        var row = tab.Page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Batches set aside" }).Locator("tbody tr", new LocatorLocatorOptions { HasText = batch });
        await Assertions.Expect(row).ToContainTextAsync("was lost", Waits.Contains);
        await tab.Page.KeepAsync("queue-set-aside");
        await tab.Page.Button($"Retry {batch}").ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0, Waits.Count);
        await cluster.WaitRetriedAsync(sweep, batch);
        dashboard.AssertClean(tab);
    }

    private static HashSet<string> Items(string export)
    {
        using var document = JsonDocument.Parse(export);
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText())];
    }
}
