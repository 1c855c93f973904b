using System.Globalization;
using Sweep.Perf.Dashboards.Circuits;

namespace Sweep.Perf.Dashboards;

/// <summary>What people open of a large sweep.</summary>
internal static class LargePages
{
    public const double OpenTarget = 2;
    public const double DrillTarget = 0.5;

    /// <summary>How many of <see cref="Of"/>, from the first one, are pages.</summary>
    public const int Pages = 4;

    public static IReadOnlyList<(string Name, double? Target, Func<Task<int>> Work)> Of(LargeSweep sweep, DashboardProcess dashboard, CancellationToken cancellationToken)
    {
        var (model, benchmark, own) = (sweep.Resolved.Models[0].Name, sweep.Resolved.Benchmarks[0].Name, sweep.Resolved.Bottlenecks[0]);
        var scalar = own.Scalars[own.Scalars.Count / 2].ToString("R", CultureInfo.InvariantCulture);
        var cell = $"model={model}&benchmark={benchmark}&bottleneck={own.Name}&scalar={scalar}";
        return
        [
            ("page: the sweep, with its figures", OpenTarget, () => OpenAsync($"/sweeps/{sweep.Id}?model={model}&benchmark={benchmark}", "class=\"drill\"")),
            ("page: a cell of its heat map", DrillTarget, () => OpenAsync($"/sweeps/{sweep.Id}/cell?{cell}", "Jobs and provenance")),
            ("page: the cell's items that became wrong", DrillTarget, () => OpenAsync($"/sweeps/{sweep.Id}/items?{cell}&show=worse", "pair card")),
            ("page: the list of sweeps", OpenTarget, () => OpenAsync("/", "small-")),
            ("page: the same cell, with its attempts", null, () => OpenAsync($"/sweeps/{sweep.Id}/cell?{cell}", "<th scope=\"col\">batch</th>")),
            ("GET the heat map as a file", OpenTarget, () => dashboard.GetAsync($"/sweeps/{sweep.Id}/figures/heat-map.svg?model={model}&benchmark={benchmark}", "<svg", cancellationToken)),
            ("GET /api/v1/sweeps/ID/results", OpenTarget, () => dashboard.GetAsync($"/api/v1/sweeps/{sweep.Id}/results", "\"rows\"", cancellationToken)),
            ("GET /api/v1/sweeps/ID/items, 100 rows", DrillTarget, () => dashboard.GetAsync($"/api/v1/sweeps/{sweep.Id}/items", "\"next\"", cancellationToken)),
        ];

        async Task<int> OpenAsync(string path, string text)
        {
            await using var circuit = await Circuit.OpenAsync(dashboard.Client, path, text, cancellationToken);
            return 1;
        }
    }
}
