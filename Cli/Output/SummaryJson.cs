using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>
/// The summary as JSON. Every cell also carries, of the test split: metric, n, baseline, steered, effect, interval [low, high], p, and control_rank of controls: its rank among the
/// controls of its bottleneck at the same scalar (1 is best, ties against it), by the mean effect on the gold log-likelihood where there is one, else by the effect on the metric.
/// Controls are ranked against and have no interval and no rank themselves; the identity has no receipt.
/// </summary>
internal static class SummaryJson
{
    private const string Split = "test";

    public static string Of(SweepSummary summary)
    {
        var root = JsonSerializer.SerializeToNode(summary, SweepJson.Options)!.AsObject();
        var metrics = summary.Rows.GroupBy(row => (row.Model, row.Benchmark)).ToDictionary(group => group.Key, group => group.First().Metric);
        var controls = summary.Cells.Where(cell => cell.ControlIndex is not null && cell.Splits.ContainsKey(Split))
            .ToLookup(cell => (cell.Model, cell.Benchmark, cell.Bottleneck, cell.Scalar), cell => Rank(cell.Splits[Split]));
        foreach (var (cell, node) in summary.Cells.Zip(root["cells"]!.AsArray()))
        {
            if (cell.Splits.GetValueOrDefault(Split) is not { } scores)
                continue;
            var members = node!.AsObject();
            members["metric"] = cell.Jobs.ContainsKey(Measure.Perplexity) ? Figures.LogLikelihoodOfText : metrics.GetValueOrDefault((cell.Model, cell.Benchmark));
            members["n"] = scores.N;
            members["baseline"] = scores.Baseline;
            members["steered"] = scores.Steered;
            members["effect"] = scores.Effect;
            members["interval"] = scores is { EffectLow: { } low, EffectHigh: { } high } ? new JsonArray(low, high) : null;
            members["p"] = scores.P;
            var beside = cell.ControlIndex is null ? controls[(cell.Model, cell.Benchmark, cell.Bottleneck, cell.Scalar)].ToArray() : [];
            members["control_rank"] = beside.Length == 0 ? null : 1 + beside.Count(effect => effect >= Rank(scores));
            members["controls"] = beside.Length;
            members.TryAdd("receipt", null);
        }

        return root.ToJsonString(SweepJson.Indented);
    }

    private static double Rank(SplitScores scores) => scores.LogLikelihoodEffect ?? scores.Effect;
}
