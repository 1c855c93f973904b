using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Perf.Dispatch;
using Sweep.Persistence.Queries;

namespace Sweep.Perf.Dashboards;

/// <summary>What the dashboard's pages take to get their data from a large store: by the calls that read a sweep whole, and by those that read what is shown.</summary>
internal static class DashboardHarness
{
    private const int PageSize = 25;
    private const int ItemsOfPage = 10;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (DashboardSettings.Parse(arguments, out var problem) is not { } settings)
        {
            await Console.Error.WriteLineAsync($"perf dashboard: {problem}");
            return 2;
        }

        await using var filled = await LargeStore.FillAsync(settings, cancellationToken);
        var measured = new List<DashboardTiming>();
        foreach (var (name, target, work) in Calls(filled, cancellationToken))
            measured.Add(await MeasureAsync(name, target, settings.Rounds, work));
        if (settings.Pages)
            measured.AddRange(await MeasurePagesAsync(filled, settings, cancellationToken));
        Print(settings, filled, measured);
        return measured.All(one => one.IsReached) ? 0 : 1;
    }

    private static IEnumerable<(string Name, double? Target, Func<Task<int>> Work)> Calls(LargeStore filled, CancellationToken cancellationToken)
    {
        var (store, sweep) = (filled.Store, filled.Sweep);
        var queries = (ISweepQueries)store;
        var (model, benchmark) = (sweep.Resolved.Models[0].Name, sweep.Resolved.Benchmarks[0]);
        var own = sweep.Resolved.Bottlenecks[0];
        var scalar = own.Scalars[own.Scalars.Count / 2];
        var (before, after) = (Job(null, null), Job(0, scalar));
        string[] items = [.. benchmark.Items.Select(item => item.Id)];
        var pair = new ItemPairQuery { Before = before, After = after, Metric = benchmark.PrimaryMetric };

        yield return ("open: all cells in one document", null, async () =>
        {
            await HeaderAsync();
            return (await store.LoadSummaryAsync(sweep.Id, cancellationToken))!.Cells.Count;
        }
        );
        yield return ("open: outline and cells of the model", LargePages.OpenTarget, async () =>
        {
            await HeaderAsync();
            var outline = await queries.FindOutlineAsync(sweep.Id, cancellationToken);
            var cells = await queries.ListCellsAsync(sweep.Id, new CellQuery { Model = model }, cancellationToken);
            return outline!.Rows.Count + cells.Count;
        }
        );
        yield return ("open: resolution", null, async () => (await store.LoadResolutionAsync(sweep.Id, cancellationToken))!.Bottlenecks.Count);
        yield return ("drill: the cell, its items' scores, its attempts", LargePages.DrillTarget, async () =>
        {
            var cell = await queries.FindCellAsync(sweep.Id, model, benchmark.Name, own.Name, scalar, cancellationToken);
            var scores = await queries.ListItemPairsAsync(pair, cancellationToken);
            var attempts = await ((ISweepInspection)store).ListAttemptsAsync(sweep.Id, [after], 50, cancellationToken);
            return cell!.Splits.Count + scores.Items.Count + attempts.Count;
        }
        );
        yield return ("drill: its attempts alone", null, async () => (await ((ISweepInspection)store).ListAttemptsAsync(sweep.Id, [after], 50, cancellationToken)).Count);
        yield return ("drill: all rows of both jobs", null, () => RowsAsync([before, after], items));
        yield return ("items: a page of those that became wrong, with responses", LargePages.DrillTarget, async () =>
        {
            var page = await queries.ListItemPairsAsync(pair with { Change = ItemChange.Worse, Take = ItemsOfPage }, cancellationToken);
            return await RowsAsync([before, after], [.. page.Items.Select(item => item.ItemId)]);
        }
        );
        yield return ("jobs: all, with their specifications", null, async () => (await store.ListJobsAsync(sweep.Id, cancellationToken)).Count);
        yield return ("batches: all", null, async () => (await store.ListBatchesAsync(sweep.Id, cancellationToken)).Count);
        yield return ("batches: counted by state", LargePages.DrillTarget, async () => (await queries.CountBatchesAsync([sweep.Id], cancellationToken)).Count);
        yield return ("cost: of all attempts", null, async () => (await store.ReadCostAsync(sweep.Id, cancellationToken)).Attempts);
        yield return ("sweeps: all", null, async () => (await store.ListSweepsAsync(cancellationToken)).Count);
        yield return ("sweeps: a page with owners and device time", LargePages.DrillTarget, async () =>
        {
            var page = await queries.ListSweepsAsync(new SweepListQuery { Take = PageSize }, cancellationToken);
            var owners = await queries.ListOwnersAsync(cancellationToken);
            return page.Sweeps.Count + owners.Count + (await queries.SumDeviceSecondsAsync([.. page.Sweeps.Select(one => one.Id)], cancellationToken)).Count;
        }
        );
        yield return ("sweeps: a search", LargePages.DrillTarget, async () => (await queries.ListSweepsAsync(new SweepListQuery { Text = "small-99", Take = PageSize }, cancellationToken)).Total);

        JobId Job(int? bottleneck, double? at) => PlanExpander.Cell(sweep.Plan, sweep.Resolved, 0, 0, bottleneck, at).Jobs[Measure.Generation].Id;

        async Task HeaderAsync()
        {
            await store.FindSweepAsync(sweep.Id, cancellationToken);
            await store.LoadResolutionAsync(sweep.Id, cancellationToken);
            await store.ReadCostAsync(sweep.Id, cancellationToken);
        }

        async Task<int> RowsAsync(JobId[] jobs, string[] of)
        {
            var count = 0;
            await foreach (var row in store.ReadItemResultsAsync(jobs, of, cancellationToken))
                count += row.Metrics.Count;
            return count;
        }
    }

    /// <summary>Whole pages of a real dashboard beside a real silo, until a circuit has been sent what was asked for; API calls and files until they are there.</summary>
    private static async Task<IReadOnlyList<DashboardTiming>> MeasurePagesAsync(LargeStore filled, DashboardSettings settings, CancellationToken cancellationToken)
    {
        var measured = new List<DashboardTiming>();
        await using (var silo = await StartSiloAsync(filled, cancellationToken))
        await using (var dashboard = await DashboardProcess.StartAsync(filled.ConnectionString, cancellationToken))
        {
            foreach (var (name, target, work) in LargePages.Of(filled.Sweep, dashboard, cancellationToken))
                measured.Add(await MeasureAsync(name, target, settings.Rounds, work));
            if (settings.Browser)
                measured.AddRange(await BrowserPages.MeasureAsync(filled.Sweep, dashboard, settings.Rounds, cancellationToken));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"largest working set: {dashboard.PeakBytes / 1_000_000} MB"));
        }

        measured.AddRange(await MeasureColdAsync(filled, settings.Cold, cancellationToken));
        return measured;
    }

    /// <summary>What the first one to come meets: the sweep's page by its link, then a cell of its heat map, then the cell's items, then the list, each once.</summary>
    private static async Task<IEnumerable<DashboardTiming>> MeasureColdAsync(LargeStore filled, int rounds, CancellationToken cancellationToken)
    {
        var seconds = new List<(string Name, double? Target, double Seconds)>();
        for (var round = 0; round < rounds; round++)
        {
            await filled.GoColdAsync(cancellationToken);
            await using var silo = await StartSiloAsync(filled, cancellationToken);
            await using var dashboard = await DashboardProcess.StartAsync(filled.ConnectionString, cancellationToken);
            foreach (var (name, target, work) in LargePages.Of(filled.Sweep, dashboard, cancellationToken).Take(LargePages.Pages))
            {
                var start = Stopwatch.GetTimestamp();
                await work();
                seconds.Add((name, target, Stopwatch.GetElapsedTime(start).TotalSeconds));
            }
        }

        return seconds.GroupBy(one => (one.Name, one.Target), one => one.Seconds).Select(page => new DashboardTiming($"cold {page.Key.Name}", page.First(), Timing.Of([.. page]), page.Key.Target));
    }

    private static Task<SiloProcess> StartSiloAsync(LargeStore filled, CancellationToken cancellationToken) =>
        SiloProcess.StartAsync("silo-0", 1, filled.ConnectionString, new Dictionary<string, string>(), cancellationToken);

    private static async Task<DashboardTiming> MeasureAsync(string name, double? target, int rounds, Func<Task<int>> work)
    {
        var first = Stopwatch.GetTimestamp();
        var size = await work();
        var warmUp = Stopwatch.GetElapsedTime(first).TotalSeconds;
        var seconds = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            if (await work() != size)
                throw new HarnessException($"{name}: not the same result twice");
            seconds[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        var measured = new DashboardTiming(name, warmUp, Timing.Of(seconds), target);
        // A measurement is long: whoever waits sees how far it is.
        await Console.Error.WriteLineAsync($"measured: {measured.Line}");
        return measured;
    }

    private static void Print(DashboardSettings settings, LargeStore filled, IReadOnlyList<DashboardTiming> measured)
    {
        if (settings.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { name = "dashboard", machine = StubCluster.Machine, server = filled.Description, settings, filled.SummarySeconds, measured }));
            return;
        }

        Console.WriteLine($"dashboard ({StubCluster.Machine}; {filled.Description})");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {settings.Jobs} jobs, {(long)settings.Jobs * settings.Items} item rows, {settings.Sweeps} sweeps; the summary was saved in {filled.SummarySeconds:0.0} s"));
        foreach (var one in measured)
            Console.WriteLine($"  {one.Line}");
    }
}

/// <summary>One call.</summary>
/// <param name="First">Seconds of the first one, which found nothing read or compiled.</param>
/// <param name="Target">Seconds that its median may take. Null: it is told for comparison.</param>
internal sealed record DashboardTiming(string Name, double First, Timing Timing, double? Target)
{
    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-60} {Timing}, first {1000 * First:0} ms{(Target is { } target ? $", wanted < {1000 * target:0} ms{(IsReached ? "" : ": MISSED")}" : "")}");

    public bool IsReached => Target is not { } target || Timing.Median < target;
}
