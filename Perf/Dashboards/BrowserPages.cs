namespace Sweep.Perf.Dashboards;

/// <summary>The same pages as somebody sees them: in a Chromium on the same machine, which works on the same processors as dashboard and database.</summary>
internal static class BrowserPages
{
    public static async Task<IReadOnlyList<DashboardTiming>> MeasureAsync(LargeSweep sweep, DashboardProcess dashboard, int rounds, CancellationToken cancellationToken)
    {
        const string Worse = ".actions a.button[href*='show=worse']";
        await using var browser = await Chromium.StartAsync(cancellationToken);
        var at = new Uri(dashboard.Client.BaseAddress!, $"/sweeps/{sweep.Id}?model={sweep.Resolved.Models[0].Name}&benchmark={sweep.Resolved.Benchmarks[0].Name}");
        var (open, drill, items) = (new List<double>(), new List<double>(), new List<double>());
        // The first one finds nothing in the browser's cache, and is told by itself.
        for (var round = 0; round <= rounds; round++)
        {
            open.Add(await browser.OpenAsync(at, "svg a.drill", cancellationToken));
            drill.Add(await browser.ClickAsync("svg a.drill", Worse, cancellationToken));
            items.Add(await browser.ClickAsync(Worse, "article.pair", cancellationToken));
        }

        return
        [
            Of("Chromium: the sweep's page, from its address to its figures", LargePages.OpenTarget, open),
            Of("Chromium: a click on its heat map, to the cell", LargePages.DrillTarget, drill),
            Of("Chromium: a click there, to items that became wrong", LargePages.DrillTarget, items),
        ];
    }

    private static DashboardTiming Of(string name, double target, List<double> seconds) => new(name, seconds[0], Timing.Of([.. seconds.Skip(1)]), target);
}
