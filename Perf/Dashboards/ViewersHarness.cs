using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sweep.Perf.Dashboards.Circuits;
using Sweep.Perf.Dispatch;

namespace Sweep.Perf.Dashboards;

/// <summary>What open pages of a running sweep cost the dashboard's process, in which no worker and no database runs.</summary>
internal static class ViewersHarness
{
    /// <summary>Half a core.</summary>
    private const double Target = 0.5;

    private const int OpenedAtOnce = 5;
    private static readonly TimeSpan WorkOfJob = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (ViewerSettings.Parse(arguments, out var problem) is not { } settings)
        {
            await Console.Error.WriteLineAsync($"perf viewers: {problem}");
            return 2;
        }

        await using var cluster = await StubCluster.StartAsync(silos: 1, settings.Workers, new Dictionary<string, string>(), cancellationToken);
        await using var dashboard = await DashboardProcess.StartAsync(cluster.ConnectionString, cancellationToken);
        var sweepId = await cluster.SubmitAsync(new StubSweep("viewers", settings.Jobs, settings.Items, WorkOfJob), "perf", cancellationToken);
        while ((await cluster.GetStatusAsync(sweepId, cancellationToken)).RowsDone == 0)
            await Task.Delay(Look, cancellationToken);
        var rounds = new List<ViewerRound>();
        // Without anybody, with one, and with all: what one more costs is the difference. The first two are for comparison, and shorter.
        foreach (var (circuits, count, seconds) in new[] { (0, 1, settings.Seconds / 3), (1, 1, settings.Seconds / 3), (settings.Circuits, settings.Rounds, settings.Seconds) })
            rounds.AddRange(await MeasureAsync(cluster, dashboard, sweepId, circuits, count, TimeSpan.FromSeconds(seconds), cancellationToken));
        return Print(settings, cluster, dashboard, rounds) ? 0 : 1;
    }

    private static async Task<IReadOnlyList<ViewerRound>> MeasureAsync(
        StubCluster cluster, DashboardProcess dashboard, string sweepId, int count, int rounds, TimeSpan length, CancellationToken cancellationToken)
    {
        var circuits = new List<Circuit>();
        try
        {
            foreach (var some in Enumerable.Range(0, count).Chunk(OpenedAtOnce))
                circuits.AddRange(await Task.WhenAll(some.Select(index => Circuit.OpenAsync(dashboard.Client, Page(sweepId, index), "class=\"drill\"", cancellationToken))));
            await Task.Delay(Warm, cancellationToken);
            var measured = new List<ViewerRound>();
            for (var round = 0; round < rounds; round++)
            {
                measured.Add(await MeasureRoundAsync(cluster, dashboard, sweepId, circuits, length, cancellationToken));
                await Console.Error.WriteLineAsync($"measured: {measured[^1].Line}");
            }

            return measured;
        }
        finally
        {
            foreach (var circuit in circuits)
                await circuit.DisposeAsync();
        }
    }

    private static async Task<ViewerRound> MeasureRoundAsync(
        StubCluster cluster, DashboardProcess dashboard, string sweepId, IReadOnlyList<Circuit> circuits, TimeSpan length, CancellationToken cancellationToken)
    {
        var before = await cluster.GetStatusAsync(sweepId, cancellationToken);
        var (drawings, bytes) = (circuits.Select(circuit => circuit.Drawings).ToArray(), circuits.Sum(circuit => circuit.Bytes));
        var (clock, processor) = (Stopwatch.StartNew(), dashboard.ProcessorTime);
        await Task.Delay(length, cancellationToken);
        var (used, seconds) = ((dashboard.ProcessorTime - processor).TotalSeconds, clock.Elapsed.TotalSeconds);
        var after = await cluster.GetStatusAsync(sweepId, cancellationToken);
        if (after.RowsDone <= before.RowsDone || after.RowsDone == after.RowsTotal)
            throw new HarnessException($"the sweep stood at {after.RowsDone} of {after.RowsTotal} rows, expected that it runs all the time");
        foreach (var circuit in circuits)
            circuit.ThrowIfEnded();
        return new ViewerRound
        {
            Circuits = circuits.Count,
            Seconds = seconds,
            Cores = used / seconds,
            RowsPerSecond = (after.RowsDone - before.RowsDone) / seconds,
            SlowestUpdatesPerSecond = circuits.Count == 0 ? 0 : circuits.Select((circuit, index) => circuit.Drawings - drawings[index]).Min() / seconds,
            BytesPerUpdate = circuits.Count == 0 ? 0 : (double)(circuits.Sum(circuit => circuit.Bytes) - bytes) / Math.Max(1, circuits.Sum(circuit => circuit.Drawings) - drawings.Sum()),
        };
    }

    /// <summary>Not everybody looks at the same benchmark.</summary>
    private static string Page(string sweepId, int index) => string.Create(CultureInfo.InvariantCulture, $"/sweeps/{sweepId}?model=stub&benchmark=benchmark-{index % StubPlan.Benchmarks}");

    private static bool Print(ViewerSettings settings, StubCluster cluster, DashboardProcess dashboard, IReadOnlyList<ViewerRound> rounds)
    {
        var all = rounds.Where(round => round.Circuits == settings.Circuits).ToArray();
        var cores = Timing.Of([.. all.Select(round => round.Cores)]);
        var isReached = cores.Median < Target;
        if (settings.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { name = "viewers", machine = StubCluster.Machine, server = cluster.StoreDescription, settings, rounds, dashboard.PeakBytes, target = Target, isReached }));
            return isReached;
        }

        Console.WriteLine($"viewers ({StubCluster.Machine}; {cluster.StoreDescription})");
        foreach (var round in rounds)
            Console.WriteLine($"  {round.Line}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {settings.Circuits} circuits: {cores.Median:0.000} of a core ({cores.Low:0.000} to {cores.High:0.000}, {all.Length} rounds of {settings.Seconds} s), wanted < {Target:0.0}{(isReached ? "" : ": MISSED")}; largest working set {dashboard.PeakBytes / 1_000_000} MB"));
        return isReached;
    }
}

/// <summary>One round.</summary>
internal sealed record ViewerRound
{
    public required int Circuits { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Processor time of the dashboard's process a second.</summary>
    public required double Cores { get; init; }

    /// <summary>Of the sweep that ran meanwhile.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Drawings that came to the page to which the fewest came.</summary>
    public required double SlowestUpdatesPerSecond { get; init; }

    /// <summary>Of a drawing, before compression.</summary>
    public required double BytesPerUpdate { get; init; }

    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Circuits,3} circuits, {Seconds:0} s: {Cores:0.000} of a core = {Cores * Seconds:0.0} s; at least {SlowestUpdatesPerSecond:0.00} updates/s a page, {BytesPerUpdate / 1000:0.0} kB each; the sweep did {RowsPerSecond:0} rows/s");
}
