using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Results;

/// <summary>The answer of a sweep; drawn from the store only, in plan order, without time, host, worker or cost.</summary>
public sealed record SweepSummary
{
    /// <summary>Grows with every change of this shape or of the methods behind it. 1 carried no version, percentile intervals and ranks by the score.</summary>
    public const int CurrentVersion = 2;

    public int Version { get; init; } = CurrentVersion;

    public required string SweepId { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<SummaryRow> Rows { get; init; }

    /// <summary>Every bottleneck over the benchmarks of its model that are scored in shares, where there are at least two.</summary>
    public IReadOnlyList<OverallEffect> Overall { get; init; } = [];

    /// <summary>The null sweeps that corrected ranks are of; 0 where no row has as many controls as a p of 0.05 takes.</summary>
    public int NullSweeps { get; init; }

    /// <summary>What was tried and saved where scalars were chosen in an earlier stage; null: they were chosen in this sweep.</summary>
    public SearchRecord? Search { get; init; }

    public required IReadOnlyList<SummaryCell> Cells { get; init; }

    /// <summary>What became of the plan's hypotheses, in plan order; null where it has none.</summary>
    public IReadOnlyList<HypothesisResult>? Hypotheses { get; init; }
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

/// <summary>A bottleneck's effects on several benchmarks as draws from what it would do on benchmarks like them (random effects, Hartung and Knapp's interval).</summary>
public sealed record OverallEffect
{
    public required string Model { get; init; }

    public required string Bottleneck { get; init; }

    /// <summary>With at least two groups of test items.</summary>
    public required int Benchmarks { get; init; }

    public required double Effect { get; init; }

    public required double EffectLow { get; init; }

    public required double EffectHigh { get; init; }

    /// <summary>Two-sided, by itself.</summary>
    public required double P { get; init; }

    /// <summary>Standard deviation of true effects between benchmarks.</summary>
    public required double Tau { get; init; }

    /// <summary>Of equal true effects.</summary>
    public required double HeterogeneityP { get; init; }
}
