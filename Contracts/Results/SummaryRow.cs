using System.Text.Json.Serialization;
using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Results;

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

    /// <summary>
    /// 95 % interval of the effect: Tango's where every item is right or wrong and its own group, else BCa over groups. Never of zero width for a share. Null: fewer than two
    /// groups say nothing of the spread.
    /// </summary>
    public double? EffectLow { get; init; }

    public double? EffectHigh { get; init; }

    /// <summary>Two-sided, of this row by itself: exact McNemar where every item is right or wrong and its own group, else the sign-flip test of group sums.</summary>
    public double? P { get; init; }

    /// <summary>Exact McNemar, two-sided; null where the metric is not binary or groups have several items.</summary>
    [JsonPropertyName("mcnemar_p")]
    public double? McNemarP { get; init; }

    /// <summary>Corrected for all rows of the sweep by the max-statistic: signs are flipped by group, alike for all rows of a benchmark.</summary>
    public double? FamilyP { get; init; }

    /// <summary><see cref="P"/> corrected for the number of rows, by Holm.</summary>
    public double? HolmP { get; init; }

    /// <summary>The same by Benjamini and Hochberg: at most this share of findings is false.</summary>
    public double? FdrP { get; init; }

    /// <summary>Of a search: scalars that were compared where the choice was made, the identity among them. Null: all those of the plan, in this sweep.</summary>
    public int? Tried { get; init; }

    /// <summary>Of a search in rounds: each of those scalars but the identity, in the order in which they were dropped. Null: all of them were tried on all the items.</summary>
    public IReadOnlyList<ScalarTrial>? Trials { get; init; }

    /// <summary>What the row says; null without test items, and where the choice was not to steer: then there is no effect to judge.</summary>
    public EffectVerdict? Verdict { get; init; }

    /// <summary>Of the test that the effect is within the plan's smallest effect of interest, either way.</summary>
    public double? EquivalentP { get; init; }

    /// <summary>Of the one-sided test that the effect is no worse than that.</summary>
    public double? NotWorseP { get; init; }

    /// <summary>The mean of the choice statistic's gain on the selection split, where the scalar was chosen, and what of it is left when choice and measurement are separated.</summary>
    public SelectionGain? Selection { get; init; }

    /// <summary>Mean effect on the gold log-likelihood, nats an item; null where the benchmark has none.</summary>
    public double? LogLikelihoodEffect { get; init; }

    /// <summary>Sign-flip test of it, two-sided.</summary>
    public double? LogLikelihoodP { get; init; }

    /// <summary>The score rises while the gold's log-likelihood falls significantly: answers are reshuffled, not known better.</summary>
    public bool Reshuffling { get; init; }

    /// <summary>
    /// Rank among the random controls, each at the scalar that it chose itself, by the log-likelihood effect (by <see cref="Effect"/> where there is none); 1 is best, ties
    /// against it. Last where a test item diverged. Null without controls.
    /// </summary>
    public int? ControlRank { get; init; }

    /// <summary>The same by <see cref="Effect"/>.</summary>
    public int? ScoreControlRank { get; init; }

    /// <summary>Random controls that were measured on all of the row's test items: those that it is ranked among.</summary>
    public required int Controls { get; init; }

    /// <summary>Of <see cref="ControlRank"/>: (1 + controls at least as good) / (controls + 1).</summary>
    public double? ControlP { get; init; }

    public double? ScoreControlP { get; init; }

    /// <summary>
    /// <see cref="ControlP"/> corrected for all rows: (1 + null sweeps whose largest standardised effect is at least the row's) / (null sweeps + 1). Null where it could not
    /// reach 0.05.
    /// </summary>
    public double? ControlCorrectedP { get; init; }

    /// <summary>There are too few controls for a corrected p of 0.05: the rank is all that they say.</summary>
    public bool RankOnly { get; init; }

    /// <summary>What became of every kind of control.</summary>
    public IReadOnlyList<ControlComparison> Comparisons { get; init; } = [];

    /// <summary>Perplexity with the chosen scalar over perplexity without, minus 1, on the plan's text; null without one.</summary>
    public double? PerplexityChange { get; init; }

    /// <summary>95 % interval of it.</summary>
    public double? PerplexityLow { get; init; }

    public double? PerplexityHigh { get; init; }

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

    /// <summary>
    /// Of a plan with folds: <see cref="Scalar"/> is the one that most folds chose, <see cref="SelectionItems"/> the fewest that one was chosen on, and every effect is of all items, each at the
    /// scalar of its fold. Null: the scalar was chosen on the selection split.
    /// </summary>
    public CrossFitResult? CrossFit { get; init; }
}

/// <summary>A row's answer at 5 %, against the plan's smallest effect of interest.</summary>
public enum EffectVerdict
{
    /// <summary>Neither an effect nor its absence is shown.</summary>
    Undecided,

    /// <summary>An effect above 0, after correction for all rows.</summary>
    Better,

    /// <summary>An effect below 0, after correction for all rows.</summary>
    Worse,

    /// <summary>Whatever effect there is, is smaller than the smallest of interest.</summary>
    Equivalent,
}

/// <summary>What a choice seemed to gain where it was made.</summary>
public sealed record SelectionGain
{
    /// <summary>Of both gains.</summary>
    public required ScoreUnit Unit { get; init; }

    /// <summary>Of the chosen scalar on the items that it was chosen on: too good by the luck that made it the best.</summary>
    public required double Raw { get; init; }

    /// <summary>Cross-fitted: measured on items that had no part in the choice. Null with fewer than two groups, and after rounds: all items had a part in what was dropped.</summary>
    public double? Corrected { get; init; }
}

/// <summary>A row against one kind of its controls, each control at the scalar that it chose itself.</summary>
public sealed record ControlComparison
{
    public required ControlKind Kind { get; init; }

    /// <summary>Controls of the kind that were measured on all of the row's test items.</summary>
    public required int Sets { get; init; }

    /// <summary>Of kinds that are drawn at random: as <see cref="SummaryRow.ControlRank"/>.</summary>
    public int? Rank { get; init; }

    public double? P { get; init; }

    public int? ScoreRank { get; init; }

    public double? ScoreP { get; init; }

    /// <summary>Mean over the controls that did not diverge; null where all did.</summary>
    public double? Effect { get; init; }

    /// <summary>The best of them.</summary>
    public double? BestEffect { get; init; }

    public double? LogLikelihoodEffect { get; init; }

    public double? BestLogLikelihoodEffect { get; init; }
}
