using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>
/// The summary as JSON. Every cell also carries, of the test split and beside its own metric and control_rank: n, baseline, steered, effect, interval [low, high] and p, and where rows have pairs
/// flips, packing_noise and within_noise.
/// Controls are ranked against and have no interval and no rank themselves; the identity has no receipt.
/// </summary>
internal static class SummaryJson
{
    private const string Split = "test";

    public static string Of(SweepSummary summary)
    {
        var root = JsonSerializer.SerializeToNode(summary, SweepJson.Options)!.AsObject();
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
            if (scores.Flips is { } flips)
                (members["flips"], members["packing_noise"], members["within_noise"]) = (flips, scores.PackingNoise, scores.WithinNoise);
            foreach (var absent in (string[])["control_rank", "receipt"])
                members.TryAdd(absent, null);
        }

        return root.ToJsonString(SweepJson.Indented);
    }
}
