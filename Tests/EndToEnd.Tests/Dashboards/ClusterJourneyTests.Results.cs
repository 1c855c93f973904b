using System.Globalization;
using Microsoft.Playwright;
using Npgsql;
using Sweep.Contracts.Plans;
using Sweep.EndToEnd.Tests.Faults;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>What sweeps have found: passed on, compared, taken away.</summary>
public sealed partial class ClusterJourneyTests
{
    private const string Model = "mamba-mini-planted";

    [Fact]
    public async Task Link_OfAFilteredHeatMap_ShowsTheSameToSomebodyElse()
    {
        await dashboard.ReadyAsync();
        await using var tab = await dashboard.OpenAsync();
        await tab.Page.GotoAsync(new Uri(dashboard.Address, $"sweeps/{dashboard.Done.One.Id}").AbsoluteUri);
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = $"triviaqa of {Model}: bottleneck × scalar" })).ToBeVisibleAsync(Waits.Visible);
        await Benchmark(tab.Page).SelectOptionAsync("text");
        var here = await HeatMapAsync(tab.Page);
        Assert.Equal(6, here.Count);
        Assert.EndsWith("?benchmark=text", tab.Page.Url, StringComparison.Ordinal);
        var link = (await tab.Page.Link("link to this view").GetAttributeAsync("href"))!;

        // A browser that knows nothing but the address.
        await dashboard.AddUserAsync("bob", "viewer");
        await using var other = await chromium.OpenAsync();
        await dashboard.LogInAsync(other.Page, "bob", link);
        Assert.Equal(here, await HeatMapAsync(other.Page));
        await other.Page.GotoAsync(tab.Page.Url);
        Assert.Equal(here, await HeatMapAsync(other.Page));
        await Assertions.Expect(Benchmark(other.Page)).ToHaveValueAsync("text", Waits.Value);
        dashboard.Process.AssertClean(tab);
        dashboard.Process.AssertClean(other);
    }

    [Fact]
    public async Task Compare_TwoSweeps_GivesWhatTheStoresRowsGive()
    {
        await dashboard.ReadyAsync();
        var (one, other) = dashboard.Done;
        await using var tab = await dashboard.OpenAsync();
        var page = tab.Page;
        await page.GotoAsync(new Uri(dashboard.Address, "compare").AbsoluteUri);
        foreach (var (side, sweep, set) in new[] { ("Left", one, "planted@3"), ("Right", other, "planted@0.05") })
        {
            var choices = page.GetByRole(AriaRole.Group, new PageGetByRoleOptions { Name = side });
            await choices.GetByLabel("Sweep").SelectOptionAsync(sweep.Id, new LocatorSelectOptionOptions { Timeout = 60_000 });
            await choices.GetByLabel("Steering").SelectOptionAsync(set, new LocatorSelectOptionOptions { Timeout = 60_000 });
        }

        var (left, right) = (await ScoresAsync(one, 3), await ScoresAsync(other, 0.05));
        Assert.Equal(left.Keys.Order(StringComparer.Ordinal), right.Keys.Order(StringComparer.Ordinal));
        var changes = left.Select(pair => right[pair.Key] - pair.Value).ToArray();
        var row = page.GetByRole(AriaRole.Row, new PageGetByRoleOptions { NameRegex = new("^triviaqa") });
        await Assertions.Expect(row.Locator("th, td").Nth(2)).ToHaveTextAsync("×3", new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        await Assertions.Expect(row.Locator("th, td").Nth(3)).ToHaveTextAsync("×0.05", new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        var fields = await row.Locator("th, td").AllInnerTextsAsync();
        Assert.Equal(
            ["triviaqa", Text(left.Count), "×3", "×0.05", Percent(left.Values.Average()), Percent(right.Values.Average()), $"+{Percent(changes.Average())} points"],
            fields.Take(7));
        Assert.Matches(@"^[+-]\d+\.\d to \+\d+\.\d$", fields[7]);
        Assert.Equal([Text(changes.Count(change => change > 0)), Text(changes.Count(change => change < 0))], fields.Skip(8));
        Assert.InRange(changes.Average(), 0.3, 1);
        await page.KeepAsync("compare");

        // The address has all of it.
        await page.ReloadAsync();
        await Assertions.Expect(row).ToBeVisibleAsync(Waits.Visible);
        Assert.Equal(fields, await row.Locator("th, td").AllInnerTextsAsync());
        dashboard.Process.AssertClean(tab);

        string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
        string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Export_CsvOfTheSweepsPage_IsWhatTheStoreHas()
    {
        await dashboard.ReadyAsync();
        var sweep = dashboard.Done.Other;
        await using var tab = await dashboard.OpenAsync();
        await tab.Page.GotoAsync(new Uri(dashboard.Address, $"sweeps/{sweep.Id}").AbsoluteUri);
        var download = await tab.Page.RunAndWaitForDownloadAsync(() => tab.Page.Locator(".actions").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "CSV", Exact = true }).ClickAsync());
        Assert.Equal($"{sweep.Id}.csv", download.SuggestedFilename);

        // Job, item and log-likelihood stand in the first columns or in those without text, so no field of theirs is quoted.
        var lines = (await File.ReadAllTextAsync(await download.PathAsync(), Token)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("job,item,prompt_hash,response,", lines[0], StringComparison.Ordinal);
        var exported = lines.Skip(1).Select(line => string.Join(',', line.Split(',').Take(3))).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(lines.Length - 1, exported.Count);
        Assert.Equal(await StoredAsync(sweep), exported.Order(StringComparer.Ordinal));
        dashboard.Process.AssertClean(tab);
    }

    private static ILocator Benchmark(IPage page) => page.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = "Benchmark" });

    /// <summary>Every cell of the first heat map in a sentence, when it is that of plain text.</summary>
    private static async Task<IReadOnlyList<string>> HeatMapAsync(IPage page)
    {
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = $"text of {Model}: bottleneck × scalar" })).ToBeVisibleAsync(Waits.Visible);
        return await page.Locator("figure").First.Locator("a.drill title").AllTextContentsAsync();
    }

    /// <summary>Scores of the planted bottleneck's test items of TriviaQA, by item.</summary>
    private async Task<Dictionary<string, double>> ScoresAsync(FaultSweep sweep, double scalar)
    {
        var resolved = (await dashboard.Cluster.Store.LoadResolutionAsync(sweep.Id, Token))!;
        var benchmark = resolved.Benchmarks.Single(one => one.Name == "triviaqa");
        var cell = PlanExpander.Cells(sweep.Plan, resolved).Single(cell =>
            resolved.Benchmarks[cell.Benchmark] == benchmark && cell.Scalar == scalar && cell.Bottleneck is { } index && resolved.Bottlenecks[index] is { Role: BottleneckRole.Bottleneck, Name: "planted" });
        string[] items = [.. benchmark.Items.Where(item => item.Split == ItemSplit.Test).Select(item => item.Id)];
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        await foreach (var row in dashboard.Cluster.Store.ReadItemResultsAsync([cell.Jobs[benchmark.MetricMeasure!.Value].Id], items, Token))
            scores.Add(row.ItemId, row.Metrics[benchmark.PrimaryMetric]);
        return scores;
    }

    /// <summary>Job, item and prompt of every row of the sweep, past all code of ours.</summary>
    private async Task<IReadOnlyList<string>> StoredAsync(FaultSweep sweep)
    {
        await using var connection = new NpgsqlConnection(dashboard.Cluster.Account.OwnersConnection);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(
            """
            SELECT j.job_id || ',' || i.item_id || ',' || r.prompt_hash FROM jobs j JOIN item_results r ON r.job_key = j.key JOIN items i ON i.key = r.item_key
            WHERE j.key IN (SELECT job_key FROM sweep_jobs WHERE sweep_id = @sweep)
            """,
            connection);
        command.Parameters.AddWithValue("sweep", sweep.Id);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<string>();
        while (await reader.ReadAsync(Token))
            rows.Add(reader.GetString(0));
        return [.. rows.Order(StringComparer.Ordinal)];
    }
}
