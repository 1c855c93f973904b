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

/// <summary>What the numbers of a score are.</summary>
public enum ScoreUnit
{
    /// <summary>A metric in 0..1, shown as percent, its differences as points.</summary>
    Share,

    /// <summary>Log-likelihood of the best gold, mean over items.</summary>
    NatsAnItem,

    /// <summary>Log-likelihood of plain text, over all its tokens: perplexity is exp of minus it.</summary>
    NatsAToken,
}

/// <summary>One row of the table: a bottleneck on a benchmark of a model, its scalar chosen on the selection split and reported on the test split.</summary>
public sealed record SummaryRow
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public required string Bottleneck { get; init; }

    public required string Recipe { get; init; }

    /// <summary>What is scored: the benchmark's primary metric, or "log_likelihood" where nothing is generated.</summary>
    public required string Metric { get; init; }

    /// <summary>Of baseline, steered, effect and its interval.</summary>
    public required ScoreUnit Unit { get; init; }

    public required int SelectionItems { get; init; }

    public required int TestItems { get; init; }

    public required int TestGroups { get; init; }

    /// <summary>Chosen on the selection split; null for ablations.</summary>
    public double? Scalar { get; init; }

    /// <summary>Mean score on the test split.</summary>
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

    /// <summary>
    /// Rank of <see cref="Effect"/> among those of its controls, each at the scalar that it chose itself; 1 is best, ties against it. Last where a test item diverged. Null without controls.
    /// </summary>
    public int? ControlRank { get; init; }

    /// <summary>The same of <see cref="LogLikelihoodEffect"/>, which has fewer ties.</summary>
    public int? LogLikelihoodControlRank { get; init; }

    /// <summary>Controls that were measured on all of the row's test items: those that it is ranked among.</summary>
    public required int Controls { get; init; }

    /// <summary>Of <see cref="ControlRank"/>: (1 + controls at least as good) / (controls + 1).</summary>
    public double? ControlP { get; init; }

    /// <summary>Perplexity with the chosen scalar over perplexity without, minus 1, on the plan's text; null without one.</summary>
    public double? PerplexityChange { get; init; }

    /// <summary>Smallest effect that these test items could have shown with 80 % power; null where the score is no share.</summary>
    public double? MinimumDetectableEffect { get; init; }

    /// <summary>It is above 20 points, or the items belong to fewer than two groups.</summary>
    public required bool TooFewItems { get; init; }

    /// <summary>Items that diverged at any scalar, each counted once a scalar.</summary>
    public required int Diverged { get; init; }

    /// <summary>As <see cref="SplitScores.Flips"/>, of the test split.</summary>
    public int? Flips { get; init; }

    /// <summary>As <see cref="SplitScores.WithinNoise"/>, of the test split.</summary>
    public bool? WithinNoise { get; init; }

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

    /// <summary>What is scored: the benchmark's primary metric, "log_likelihood" where nothing is generated, "perplexity" for plain text.</summary>
    public required string Metric { get; init; }

    /// <summary>Of baseline, steered, effect and its interval.</summary>
    public required ScoreUnit Unit { get; init; }

    public required IReadOnlyDictionary<Measure, JobId> Jobs { get; init; }

    /// <summary>By split: "selection" and "test" (and "validation" where it has items).</summary>
    public required IReadOnlyDictionary<string, SplitScores> Splits { get; init; }

    /// <summary>Rank of the test effect among those of its bottleneck's controls at the same scalar, as in <see cref="SummaryRow.ControlRank"/>; null for controls.</summary>
    public int? ControlRank { get; init; }

    public int Controls { get; init; }

    public ReceiptSummary? Receipt { get; init; }
}

/// <summary>A cell on one split, against the baseline on the same items: the recorded one, or, where rows have pairs, the unsteered row that ran beside each steered one.</summary>
public sealed record SplitScores
{
    /// <summary>Items that both have scores of.</summary>
    public required int N { get; init; }

    public required double Baseline { get; init; }

    public required double Steered { get; init; }

    public required double Effect { get; init; }

    /// <summary>Wilson's 95 % interval of <see cref="Steered"/> (binary metrics); it takes items for independent.</summary>
    public double? SteeredLow { get; init; }

    public double? SteeredHigh { get; init; }

    /// <summary>Paired 95 % bootstrap interval of the effect; of bottlenecks on the test split.</summary>
    public double? EffectLow { get; init; }

    public double? EffectHigh { get; init; }

    /// <summary>Exact McNemar, two-sided (binary metrics).</summary>
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
