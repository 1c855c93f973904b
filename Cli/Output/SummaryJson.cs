using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>
/// The summary as JSON. Every cell also carries, of the test split: n, baseline, steered, effect, interval [low, high], p, and control_rank of controls:
/// its effect's rank among the controls of its bottleneck at the same scalar (1 is best, ties against it).
/// </summary>
internal static class SummaryJson
{
    private const string Split = "test";

    public static string Of(SweepSummary summary)
    {
        var root = JsonSerializer.SerializeToNode(summary, SweepJson.Options)!.AsObject();
        var controls = summary.Cells.Where(cell => cell.ControlIndex is not null)
            .ToLookup(cell => (cell.Model, cell.Benchmark, cell.Bottleneck, cell.Scalar), cell => cell.Splits.GetValueOrDefault(Split)?.Effect);
        foreach (var (cell, node) in summary.Cells.Zip(root["cells"]!.AsArray()))
        {
            if (cell.Splits.GetValueOrDefault(Split) is not { } scores)
                continue;
            var members = node!.AsObject();
            members["n"] = scores.N;
            members["baseline"] = scores.Baseline;
            members["steered"] = scores.Steered;
            members["effect"] = scores.Effect;
            members["interval"] = scores is { EffectLow: { } low, EffectHigh: { } high } ? new JsonArray(low, high) : null;
            members["p"] = scores.P;
            var beside = cell.ControlIndex is null ? controls[(cell.Model, cell.Benchmark, cell.Bottleneck, cell.Scalar)].ToArray() : [];
            members["control_rank"] = beside.Length == 0 ? null : 1 + beside.Count(effect => effect >= scores.Effect);
            members["controls"] = beside.Length;
        }

        return root.ToJsonString(SweepJson.Indented);
    }
}
