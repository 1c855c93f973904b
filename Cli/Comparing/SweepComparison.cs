using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Cli.Comparing;

/// <summary>One plan's results of two engines, row by row: what the second answered otherwise than the first, and whether effects differ by more than that.</summary>
internal sealed record SweepComparison
{
    public required ComparedSweep Reference { get; init; }

    public required ComparedSweep Other { get; init; }

    /// <summary>Jobs that both have.</summary>
    public required int Jobs { get; init; }

    /// <summary>Jobs of the reference for which the other has none: another choice of channels, or not run.</summary>
    public required int JobsApart { get; init; }

    /// <summary>Rows of the reference that the other lacks.</summary>
    public required int RowsApart { get; init; }

    public required int Generations { get; init; }

    /// <summary>Generations whose bytes differ, or of which one diverged.</summary>
    public required int Flips { get; init; }

    public double FlipShare => Generations == 0 ? 0 : (double)Flips / Generations;

    public required IReadOnlyList<ComparedBenchmark> Benchmarks { get; init; }

    /// <summary>The flips, each with its margin as far as those were asked for.</summary>
    public required IReadOnlyList<ComparedFlip> Flipped { get; init; }

    /// <summary>Effects of cells, one a split.</summary>
    public required int Effects { get; init; }

    /// <summary>Of shares, in points of 0..1; of log-likelihoods in nats.</summary>
    public required double LargestShareDifference { get; init; }

    public required double LargestNatsDifference { get; init; }

    /// <summary>Effects that differ by more than their items' flips, or their log-likelihoods' differences, account for.</summary>
    public required IReadOnlyList<string> EffectsBeyond { get; init; }

    /// <summary>Rows of the table whose scalar is another.</summary>
    public required IReadOnlyList<string> OtherScalars { get; init; }

    public required double MostFlips { get; init; }

    public bool Agrees => JobsApart == 0 && RowsApart == 0 && FlipShare <= MostFlips && EffectsBeyond.Count == 0;
}

/// <summary>Of which sweep, made with what.</summary>
internal sealed record ComparedSweep(string Id, string Numerics, string Precision);

/// <summary>A benchmark of a model over all bottlenecks, controls and scalars.</summary>
internal sealed record ComparedBenchmark
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public int Generations { get; set; }

    public int Flips { get; set; }

    /// <summary>Flips that changed a metric.</summary>
    public int ScoreFlips { get; set; }

    /// <summary>Rows of another measure whose metrics differ.</summary>
    public int ChoiceFlips { get; set; }

    /// <summary>Unsteered rows beside steered ones whose metrics are not the reference's baseline's.</summary>
    public int PairFlips { get; set; }

    public int LogLikelihoods { get; set; }

    /// <summary>Nats, over golds and whole texts.</summary>
    public double LargestDifference { get; set; }

    /// <summary>The same over max(1, |log-likelihood|).</summary>
    public double LargestRelative { get; set; }
}

/// <summary>A generation that differs.</summary>
internal sealed record ComparedFlip
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public required JobId Job { get; init; }

    public required string Item { get; init; }

    /// <summary>Null: the baseline.</summary>
    public string? Bottleneck { get; init; }

    public ControlKind? ControlKind { get; init; }

    public double? Scalar { get; init; }

    public required bool ScoreChanged { get; init; }

    /// <summary>Generated tokens before the first that differs; null with the margin.</summary>
    public int? Step { get; init; }

    /// <summary>Nats between the reference's likeliest token there and the next. Null: not asked for, or the reference's response does not come out here.</summary>
    public double? Margin { get; init; }

    public required string Reference { get; init; }

    public required string Other { get; init; }
}
