using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Hosting;

namespace Sweep.Perf.Statistics;

/// <summary>
/// The planted bottleneck of the shipped model: a grid of scalars, the choice on the selection split, what it restores on the test split of TriviaQA and of single needles; then
/// 20 random sets with none of its channels at the scalars that were chosen.
/// </summary>
internal static class PlantedHarness
{
    private const int Disjoint = 20;

    private const string Head = """
        models: [models/mamba-mini-planted]
        benchmarks:
          - { name: triviaqa, data: benchmarks/mini/triviaqa.json }
          - { name: ruler, label: single-needles, data: NEEDLES }
        bottlenecks:
          - { name: planted, layer: 8, channels: [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185] }

        """;

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var stored = new StoredSweep(null);
        var head = Head.Replace("NEEDLES", Needles(Path.GetDirectoryName(stored.File)!), StringComparison.Ordinal);
        var grid = await SummaryAsync(stored, $"name: planted-grid\n{head}scalars: [0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]\ncontrols: off\n", cancellationToken);
        var scalars = grid.Rows.Select(row => row.Scalar!.Value).Distinct().Order().Select(scalar => scalar.ToString("R", CultureInfo.InvariantCulture));
        var controls = await SummaryAsync(stored, $"name: planted-controls\n{head}scalars: [{string.Join(", ", scalars)}]\ncontrols: {{ random: 0, other_channels: {Disjoint} }}\n", cancellationToken);
        var passed = true;
        foreach (var row in grid.Rows)
        {
            var cells = controls.Cells.Where(cell => cell.Benchmark == row.Benchmark && cell.ControlKind == ControlKind.OtherChannels && cell.Scalar == row.Scalar).Select(cell => cell.Splits["test"]).ToArray();
            var gains = cells.Count(cell => cell is { Effect: > 0, P: < 0.05 });
            passed &= row is { Scalar: <= 0.2, Steered: >= 0.95, McNemarP: < 0.001 } && gains == 0 && cells.Length == Disjoint;
            Console.WriteLine(arguments.Contains("--json")
                ? JsonSerializer.Serialize(new { row.Benchmark, row.Scalar, row.Baseline, row.Steered, row.TestItems, row.TestGroups, row.McNemarP, disjoint = cells.Length, gains, worst = cells.Min(cell => cell.Effect), best = cells.Max(cell => cell.Effect) })
                : string.Create(CultureInfo.InvariantCulture, $"{row.Benchmark}: scalar {row.Scalar}, {100 * row.Baseline:0.0} to {100 * row.Steered:0.0} % on {row.TestItems} test items, McNemar p {row.McNemarP:0.0e+0}; of {cells.Length} disjoint random sets {gains} gain with p < 0.05, {100 * cells.Min(cell => cell.Effect):+0.0;-0.0;0.0} to {100 * cells.Max(cell => cell.Effect):+0.0;-0.0;0.0} points"));
        }

        return passed && grid.Rows.Count == 2 ? 0 : 1;
    }

    private static async Task<SweepSummary> SummaryAsync(StoredSweep stored, string plan, CancellationToken cancellationToken)
    {
        var id = await stored.RunAsync(plan, cancellationToken);
        await using var services = EmbeddedSweep.CreateServices(await stored.OpenAsync(cancellationToken), new EmbeddedOptions { Roots = [StoredSweep.Root] });
        return await services.GetRequiredService<ISweepSummarizer>().SummarizeAsync(id, cancellationToken);
    }

    /// <summary>The shipped needles with one needle, in a file of their own.</summary>
    private static string Needles(string folder)
    {
        var path = Path.Combine(folder, "single-needles.jsonl");
        File.WriteAllLines(path, File.ReadLines(Path.Combine(StoredSweep.Root, "benchmarks", "mini", "ruler.jsonl")).Where(line => line.Contains("\"niah_single\"", StringComparison.Ordinal)));
        return path;
    }
}
