using Microsoft.Playwright;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.EndToEnd.Tests.Faults;
using Sweep.Hosting.Clustering.Local;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>What people do at a cluster's dashboard, in a real browser before real processes. Here: sweeps that run while somebody looks.</summary>
[Collection(nameof(FaultCollection))]
public sealed partial class ClusterJourneyTests(ClusterDashboard dashboard, ChromiumFixture chromium) : IClassFixture<ClusterDashboard>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Form_PlanSubmitted_IsWatchedUntilItFinishes()
    {
        await dashboard.ReadyAsync();
        await using var tab = await dashboard.OpenAsync();
        var page = tab.Page;
        await page.GotoAsync(new Uri(dashboard.Address, "new").AbsoluteUri);
        await page.GetByLabel("The whole plan, YAML or JSON").FillAsync(dashboard.NewText("[0.1, 2]"));
        await Assertions.Expect(page.Locator("#problems")).ToContainTextAsync("valid in itself", Waits.Contains);
        await page.Button("Submit").ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync(Waits.Visible);
        await Assertions.Expect(page.State()).ToHaveTextAsync("completed", Waits.Text);
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("of 2 bottlenecks", Waits.Contains);
        await page.KeepAsync("form-finished");
        var sweep = await dashboard.Cluster.Store.FindSweepAsync(new Uri(page.Url).Segments[^1], Token);
        Assert.Equal(SweepState.Completed, sweep!.State);
        dashboard.Process.AssertClean(tab);
    }

    [Fact]
    public async Task Cancel_ViewerThenOperator_IsRefusedThenDone()
    {
        await dashboard.ReadyAsync();
        await dashboard.AddUserAsync("vera", "viewer");
        var sweep = await dashboard.Cluster.SubmitAsync(dashboard.NewText("[0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 1.5, 2.5]"));
        await using var viewers = await chromium.OpenAsync();
        var page = viewers.Page;

        // A link to a page leads to the login and from there to the page, with everything to see and no button.
        await dashboard.LogInAsync(page, "vera", $"sweeps/{sweep.Id}");
        await Assertions.Expect(page.GetByText("vera (viewer)")).ToBeVisibleAsync(Waits.Visible);
        await Assertions.Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync(Waits.Visible);
        await Assertions.Expect(page.Link("Copy as plan")).ToBeVisibleAsync(Waits.Visible);
        await Assertions.Expect(page.Button("Cancel")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Button("Pause")).ToHaveCountAsync(0);
        await page.KeepAsync("sweep-viewer");

        // Without the button the viewer asks as the page would.
        var answer = await page.EvaluateAsync<string[]>(
            """
            async id => {
              const session = await (await fetch('/api/v1/session')).json();
              const answer = await fetch(`/api/v1/sweeps/${id}/cancel`, { method: 'POST', headers: { [session.antiforgery_header]: session.antiforgery_token } });
              return [session.role, String(answer.status), answer.headers.get('content-type'), (await answer.json()).detail];
            }
            """,
            sweep.Id);
        Assert.Equal(("viewer", "403", "application/problem+json"), (answer[0].ToLowerInvariant(), answer[1], answer[2]));
        Assert.NotEmpty(answer[3]);
        Assert.False((await dashboard.Cluster.Store.FindSweepAsync(sweep.Id, Token))!.State.IsFinal());

        // Somebody who may cancels it; the viewer's page says so without being asked.
        await using var operators = await dashboard.OpenAsync();
        await operators.Page.GotoAsync(new Uri(dashboard.Address, $"sweeps/{sweep.Id}").AbsoluteUri);
        await operators.Page.Button("Cancel").ClickAsync();
        await operators.Page.Button("Cancel the sweep").ClickAsync();
        await Assertions.Expect(operators.Page.State()).ToHaveTextAsync("canceled", Waits.Text);
        await Assertions.Expect(page.State()).ToHaveTextAsync("canceled", Waits.Text);
        dashboard.Process.AssertClean(operators);

        // Another process takes the viewer away: the open page ends by itself.
        await dashboard.RemoveUserAsync("vera");
        await Assertions.Expect(page.GetByText("Your login has ended")).ToBeVisibleAsync(Waits.Visible);
        await page.ReloadAsync();
        await Assertions.Expect(page).ToHaveTitleAsync("Log in - Sweep");
    }

    [Fact]
    public async Task Worker_Killed_IsSeenAndItsBatchRetriedByAnother()
    {
        await dashboard.ReadyAsync();
        var cluster = dashboard.Cluster;
        await using var tab = await dashboard.OpenAsync();
        var page = tab.Page;
        await page.GotoAsync(new Uri(dashboard.Address, "workers").AbsoluteUri);
        await Assertions.Expect(page.Locator("tbody th[scope=row]")).ToHaveCountAsync(2, Waits.Count);
        var sweep = await cluster.SubmitAsync(dashboard.NewText("[0.02, 0.4, 0.6, 0.9, 1.1, 1.7]"));

        // A worker that has just begun with a batch loses its process.
        var seen = new HashSet<(string, long)>();
        BatchRecord? held = null;
        LocalSilo? victim = null;
        await cluster.WaitAsync("waiting for a fresh grant", sweep, view =>
        {
            held = view.Leased.FirstOrDefault(batch => seen.Add((batch.Id, batch.Token)) && view.Completed > 0);
            victim = held is null ? null : cluster.Silos.SingleOrDefault(silo => silo.Owns(held.WorkerId!));
            return victim is not null;
        });
        await cluster.KillAsync(victim!);

        // Its row says so, until the cluster has it for dead and it has none.
        await page.WaitForFunctionAsync(
            "id => { const row = [...document.querySelectorAll('tbody tr')].find(row => row.textContent.includes(id)); return !row || row.textContent.includes('does not answer'); }",
            held!.WorkerId,
            new PageWaitForFunctionOptions { Timeout = 120_000 });
        await page.KeepAsync("workers-killed");
        await page.GotoAsync(new Uri(dashboard.Address, $"sweeps/{sweep.Id}").AbsoluteUri);
        await Assertions.Expect(page.State()).ToHaveTextAsync("completed", Waits.Text);
        var retried = (await cluster.WaitEndAsync(sweep)).Find(held.Id);
        Assert.Equal((BatchStatus.Completed, true), (retried.Status, retried.Token > held.Token));

        // A cell of the batch shows both attempts: what became of the first, and whose the second was.
        await page.GotoAsync(new Uri(dashboard.Address, await CellAsync(sweep, held.Id)).AbsoluteUri);
        var attempts = page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Attempts" }).Locator("tbody tr").Filter(new LocatorFilterOptions { Has = page.Locator("th", new PageLocatorOptions { HasText = held.Id[(held.Id.LastIndexOf('/') + 1)..] }) });
        await Assertions.Expect(attempts.Filter(new LocatorFilterOptions { HasText = held.WorkerId }).First).ToContainTextAsync("was lost", Waits.Contains);
        await Assertions.Expect(attempts.Filter(new LocatorFilterOptions { HasNotText = held.WorkerId }).First).ToContainTextAsync("completed", Waits.Contains);
        await page.KeepAsync("cell-attempts");
        dashboard.Process.AssertClean(tab);
        var audit = await cluster.AuditAsync(sweep);
        Assert.Equal(audit.RowsExpected, audit.RowsRecorded);
    }

    [Fact]
    public async Task Circuit_LineCutWhileTheSweepEnds_ReconnectsAndCatchesUp()
    {
        await dashboard.ReadyAsync();
        var sweep = await dashboard.Cluster.SubmitAsync(dashboard.NewText("[0.3, 0.7, 1.2]"));
        await using var line = new CutLine(dashboard.Address);
        await using var tab = await dashboard.OpenAsync();
        var page = tab.Page;
        await page.GotoAsync(new Uri(line.Address, $"sweeps/{sweep.Id}").AbsoluteUri);
        await Assertions.Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync(Waits.Visible);
        await page.EvaluateAsync("() => { window.first = true; }");

        line.Cut();
        await Assertions.Expect(page.Locator("#components-reconnect-modal")).ToContainTextAsync("trying again", Waits.Contains);
        await Assertions.Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync(Waits.Visible);
        await page.KeepAsync("circuit-cut");
        await dashboard.Cluster.WaitEndAsync(sweep);
        await Assertions.Expect(page.State()).Not.ToHaveTextAsync("completed");

        // The same page, not one that was read again.
        line.Mend();
        await Assertions.Expect(page.State()).ToHaveTextAsync("completed", Waits.Text);
        await Assertions.Expect(page.Locator(".headline")).ToBeVisibleAsync(Waits.Visible);
        await Assertions.Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => window.first === true"));
    }

    /// <summary>Address of a cell whose rows the batch had.</summary>
    private async Task<string> CellAsync(FaultSweep sweep, string batchId)
    {
        var resolved = (await dashboard.Cluster.Store.LoadResolutionAsync(sweep.Id, Token))!;
        var jobs = (await dashboard.Cluster.Store.LoadBatchAsync(batchId, Token)).Jobs.Select(job => job.Id).ToHashSet();
        var cell = PlanExpander.Cells(sweep.Plan, resolved)
            .First(cell => cell.Bottleneck is { } index && resolved.Bottlenecks[index].Role == BottleneckRole.Bottleneck && cell.Jobs.Values.Any(job => jobs.Contains(job.Id)));
        return FormattableString.Invariant(
            $"sweeps/{sweep.Id}/cell?model={resolved.Models[cell.Model].Name}&benchmark={resolved.Benchmarks[cell.Benchmark].Name}&bottleneck={Uri.EscapeDataString(resolved.Bottlenecks[cell.Bottleneck!.Value].Name)}&scalar={cell.Scalar}");
    }
}
