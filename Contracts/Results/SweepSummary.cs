using System.Text.Json.Serialization;
using Sweep.Contracts.Jobs;

namespace Sweep.Contracts.Results;

/// <summary>The answer of a sweep; drawn from the store only, in plan order, without time, host, worker or cost.</summary>
public sealed record SweepSummary
{
    public required string SweepId { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<SummaryRow> Rows { get; init; }

    public required IReadOnlyList<SummaryCell> Cells { get; init; }
}

/// <summary>One row of the table: a bottleneck on a benchmark of a model, its scalar chosen on the selection split and reported on the test split.</summary>
public sealed record SummaryRow
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public required string Bottleneck { get; init; }

    public required string Recipe { get; init; }

    public required string Metric { get; init; }

    public required int SelectionItems { get; init; }

    public required int TestItems { get; init; }

    public required int TestGroups { get; init; }

    /// <summary>Chosen on the selection split; null for ablations.</summary>
    public double? Scalar { get; init; }

    /// <summary>Test split, mean of the metric in 0..1.</summary>
    public required double Baseline { get; init; }

    public required double Steered { get; init; }

    /// <summary>Steered − baseline on the same test items.</summary>
    public required double Effect { get; init; }

    /// <summary>Paired 95 % bootstrap interval of the effect.</summary>
    public required double EffectLow { get; init; }

    public required double EffectHigh { get; init; }

    /// <summary>Exact McNemar, two-sided; null where the metric is not binary.</summary>
    [JsonPropertyName("mcnemar_p")]
    public double? McNemarP { get; init; }

    /// <summary>Mean effect on the gold log-likelihood, nats an item; null where the benchmark has none.</summary>
    public double? LogLikelihoodEffect { get; init; }

    /// <summary>Rank of the test effect among its controls, 1 is best, ties against it; null without controls.</summary>
    public int? ControlRank { get; init; }

    public required int Controls { get; init; }

    /// <summary>(1 + controls at least as good) / (K + 1).</summary>
    public double? ControlP { get; init; }

    /// <summary>Perplexity with the chosen scalar over perplexity without, minus 1, on the plan's text; null without one.</summary>
    public double? PerplexityChange { get; init; }

    /// <summary>Smallest effect found with 80 % power at this n, in points/100; above 0.2 the row says 'too few items'.</summary>
    public required double MinimumDetectableEffect { get; init; }

    public required bool TooFewItems { get; init; }

    public required int Diverged { get; init; }

    public ReceiptSummary? Receipt { get; init; }
}

/// <summary>One bottleneck or control at one scalar on one benchmark of one model.</summary>
public sealed record SummaryCell
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public required string Bottleneck { get; init; }

    public int? ControlIndex { get; init; }

    public double? Scalar { get; init; }

    public required IReadOnlyDictionary<Measure, JobId> Jobs { get; init; }

    /// <summary>By split: "selection" and "test" (and "validation" where it has items).</summary>
    public required IReadOnlyDictionary<string, SplitScores> Splits { get; init; }

    public ReceiptSummary? Receipt { get; init; }
}

/// <summary>A cell on one split, against the baseline on the same items.</summary>
public sealed record SplitScores
{
    public required int N { get; init; }

    public required double Baseline { get; init; }

    public required double Steered { get; init; }

    public required double Effect { get; init; }

    public double? EffectLow { get; init; }

    public double? EffectHigh { get; init; }

    public double? P { get; init; }

    /// <summary>Items right before and wrong after, and the other way round (binary metrics).</summary>
    public int? RightToWrong { get; init; }

    public int? WrongToRight { get; init; }

    public double? LogLikelihoodEffect { get; init; }

    public double? Perplexity { get; init; }
}

/// <summary>A job's receipt over its items.</summary>
public sealed record ReceiptSummary
{
    public required long PositionsTouched { get; init; }

    public double? OnTargetMinimum { get; init; }

    public double? OnTargetMaximum { get; init; }

    public double? OffTargetDeviation { get; init; }

    /// <summary>Mean over items.</summary>
    public double? RelativeChange { get; init; }

    /// <summary>Mean over items, nats.</summary>
    public double? NextTokenKl { get; init; }

    /// <summary>The intervention fired as planned: positions touched, and norm ratios as the scalar says (1e-5 in fp32).</summary>
    public required bool Fired { get; init; }

    /// <summary>No item's log-likelihood moved by more than the numerical noise.</summary>
    public required bool Inert { get; init; }
}
