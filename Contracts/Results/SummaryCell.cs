using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Results;

/// <summary>One bottleneck or control at one scalar on one benchmark of one model.</summary>
public sealed record SummaryCell
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public required string Bottleneck { get; init; }

    /// <summary>Of a control.</summary>
    public ControlKind? ControlKind { get; init; }

    public int? ControlIndex { get; init; }

    public double? Scalar { get; init; }

    /// <summary>What is scored: the benchmark's primary metric, "log_likelihood" where nothing is generated, "perplexity" for plain text.</summary>
    public required string Metric { get; init; }

    /// <summary>Of baseline, steered, effect and its interval.</summary>
    public required ScoreUnit Unit { get; init; }

    public required IReadOnlyDictionary<Measure, JobId> Jobs { get; init; }

    /// <summary>By split: "selection" (but of what is cross-fitted) and "test" (and "validation" where it has items).</summary>
    public required IReadOnlyDictionary<string, SplitScores> Splits { get; init; }

    /// <summary>Rank among its bottleneck's random controls at the same scalar, as in <see cref="SummaryRow.ControlRank"/>; null for controls.</summary>
    public int? ControlRank { get; init; }

    public double? ControlP { get; init; }

    public int Controls { get; init; }

    /// <summary>Of the test split, corrected for all cells of bottlenecks by the max-statistic.</summary>
    public double? FamilyP { get; init; }

    /// <summary>As in <see cref="SummaryRow.Reshuffling"/>.</summary>
    public bool Reshuffling { get; init; }

    public ReceiptSummary? Receipt { get; init; }
}

/// <summary>A cell on one split, against the baseline on the same items: the recorded one, or, where rows have pairs, the unsteered row that ran beside each steered one.</summary>
public sealed record SplitScores
{
    /// <summary>Items that both have scores of.</summary>
    public required int N { get; init; }

    /// <summary>Groups that they belong to.</summary>
    public int Groups { get; init; }

    public required double Baseline { get; init; }

    public required double Steered { get; init; }

    public required double Effect { get; init; }

    /// <summary>Wilson's 95 % interval of <see cref="Steered"/> (binary metrics); it takes items for independent.</summary>
    public double? SteeredLow { get; init; }

    public double? SteeredHigh { get; init; }

    /// <summary>As in <see cref="SummaryRow.EffectLow"/>, of bottlenecks on the test split.</summary>
    public double? EffectLow { get; init; }

    public double? EffectHigh { get; init; }

    /// <summary>As in <see cref="SummaryRow.P"/>: of binary metrics everywhere, of others for bottlenecks on the test split.</summary>
    public double? P { get; init; }

    /// <summary>Items right before and wrong after, and the other way round (binary metrics).</summary>
    public int? RightToWrong { get; init; }

    public int? WrongToRight { get; init; }

    public double? LogLikelihoodEffect { get; init; }

    /// <summary>Of plain text, a token; of LAMBADA, a last word. Null where an item diverged.</summary>
    public double? Perplexity { get; init; }

    /// <summary>Perplexity over the baseline's, minus 1.</summary>
    public double? PerplexityChange { get; init; }

    /// <summary>Steered means of every metric by name, the lenient match among them; null where neither responses nor choices are scored.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>Steered items that reached NaN or infinity: their metric is 0, their log-likelihood null.</summary>
    public int Diverged { get; init; }

    /// <summary>Items whose unsteered row, packed with the steered one, came out otherwise than the recorded baseline: another score, or diverged where that did not. Null where rows have no pairs.</summary>
    public int? Flips { get; init; }

    /// <summary>
    /// Largest difference of log-likelihood between an item's unsteered row beside the steered one and its recorded baseline: nats, of plain text nats a token. Null where rows have no pairs
    /// or nothing has a log-likelihood.
    /// </summary>
    public double? PackingNoise { get; init; }

    /// <summary>
    /// Packing alone moves scores by as much as the effect: a share by the mean difference between pairs and recorded baselines (of a binary metric, the share of flips), a
    /// log-likelihood by <see cref="PackingNoise"/>. Null where rows have no pairs.
    /// </summary>
    public bool? WithinNoise { get; init; }
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
