using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Summaries;

/// <summary>Adds up a cell's receipts and says whether the interventions did what the plan says.</summary>
internal static class ReceiptJudge
{
    /// <summary>Below this share of a log-likelihood (or this many nats of KL) a move is numerical noise.</summary>
    private const double Noise = 1e-5;

    /// <summary>Null for the identity, which has nothing to prove, and where no row is recorded.</summary>
    public static ReceiptSummary? Judge(BenchmarkTable table, SweepCell baseline, SweepCell cell, IReadOnlyList<InterventionSpec> interventions, string precision)
    {
        var measured = cell.Jobs.Keys.Order().Select(measure => (Before: table.Of(baseline, measure)!, After: table.Of(cell, measure)!)).ToArray();
        var rows = measured.SelectMany(pair => pair.After.Present).Select(row => row.Receipt).ToArray();
        if (interventions.Count == 0 || rows.Length == 0)
            return null;

        // Ratios, change and KL are of the prompt, the same in every measure of an item.
        var items = measured[0].After.Present.Select(row => row.Receipt).ToArray();
        var summary = new ReceiptSummary
        {
            PositionsTouched = rows.Sum(row => (long)row.PositionsTouched),
            OnTargetMinimum = rows.Min(row => row.OnTargetMinimum),
            OnTargetMaximum = rows.Max(row => row.OnTargetMaximum),
            OffTargetDeviation = rows.Max(row => row.OffTargetDeviation),
            RelativeChange = Mean(items.Select(row => row.RelativeChange)),
            NextTokenKl = Mean(items.Select(row => row.NextTokenKl)),
            Fired = false,
            Inert = false,
        };
        return summary with
        {
            Fired = TouchedEveryPrompt(table, cell, measured.Select(pair => pair.After), interventions) && Fired(summary, interventions, precision is "fp32" or "tf32" ? 1e-5 : 1e-2),
            Inert = IsInert(measured, table.Benchmark),
        };
    }

    /// <summary>Of several cells, each of which must have fired; null without one.</summary>
    public static ReceiptSummary? Together(IReadOnlyList<ReceiptSummary> receipts) => receipts.Count == 0 ? null : new ReceiptSummary
    {
        PositionsTouched = receipts.Sum(one => one.PositionsTouched),
        OnTargetMinimum = receipts.Min(one => one.OnTargetMinimum),
        OnTargetMaximum = receipts.Max(one => one.OnTargetMaximum),
        OffTargetDeviation = receipts.Max(one => one.OffTargetDeviation),
        RelativeChange = Mean(receipts.Select(one => one.RelativeChange)),
        NextTokenKl = Mean(receipts.Select(one => one.NextTokenKl)),
        Fired = receipts.All(one => one.Fired),
        Inert = receipts.All(one => one.Inert),
    };

    private static bool TouchedEveryPrompt(BenchmarkTable table, SweepCell cell, IEnumerable<JobScores> jobs, IReadOnlyList<InterventionSpec> interventions)
    {
        foreach (var rows in jobs)
        {
            foreach (var (index, item) in table.Benchmark.Items.Index())
            {
                // What follows on NaN says nothing of the interventions there.
                if (rows[index] is { Diverged: false } row && row.Receipt.PositionsTouched < PromptPositions(interventions, item.PromptTokens[cell.Model]))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Positions × layers of a prompt that the plan means to touch; a hook that was dropped leaves fewer.</summary>
    private static int PromptPositions(IReadOnlyList<InterventionSpec> interventions, int tokens) =>
        interventions.GroupBy(intervention => intervention.Layer).Sum(layer => layer.Max(intervention => intervention.Positions switch
        {
            "All" or "Prompt" => tokens,
            "Last" => 1,
            _ => 0,
        }));

    private static bool Fired(ReceiptSummary summary, IReadOnlyList<InterventionSpec> interventions, double tolerance)
    {
        if (summary.PositionsTouched == 0 || summary.OffTargetDeviation > tolerance)
            return false;

        // Ratios are measured in the prompt; additions and means have none that the plan could tell.
        var ratios = interventions.Where(intervention => intervention.Positions != "Generated").Select(Ratio).OfType<double>().ToArray();
        return ratios.Length == 0 || (IsNear(summary.OnTargetMinimum, ratios.Min(), tolerance) && IsNear(summary.OnTargetMaximum, ratios.Max(), tolerance));
    }

    private static double? Ratio(InterventionSpec intervention) => intervention.Operation switch
    {
        "Scale" => Math.Abs(intervention.Scalar ?? 1),
        "ZeroAblate" => 0,
        _ => null,
    };

    /// <summary>No ratio at all (channels that were 0, or no prompt position touched) contradicts nothing.</summary>
    private static bool IsNear(double? found, double expected, double tolerance) =>
        found is not { } ratio || Math.Abs(ratio - expected) <= tolerance * Math.Max(1, expected);

    private static bool IsInert((JobScores Before, JobScores After)[] measured, ResolvedBenchmark benchmark)
    {
        var metric = benchmark.PrimaryMetric;
        var compared = 0;
        foreach (var (before, after) in measured)
        {
            for (var item = 0; item < benchmark.Items.Count; item++)
            {
                if (before[item] is not { } one || after[item] is not { } other)
                    continue;
                compared++;
                if (other.Diverged || one.MetricBeside(other, metric) != other.Metric(metric) || other.Receipt.NextTokenKl > Noise)
                    return false;
                if (one.LogLikelihoodBeside(other) is { } from && other.LogLikelihood is { } to && Math.Abs(to - from) > Noise * Math.Max(1, Math.Abs(from)))
                    return false;
            }
        }

        return compared > 0;
    }

    private static double? Mean(IEnumerable<double?> values)
    {
        var sum = 0.0;
        var count = 0;
        foreach (var value in values.OfType<double>())
        {
            sum += value;
            count++;
        }

        return count == 0 ? null : sum / count;
    }
}
