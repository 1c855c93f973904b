namespace Sweep.Contracts.Plans;

/// <summary>What is claimed before anything is measured. As part of the plan it is part of the sweep's id: a claim that is changed afterwards is another sweep's.</summary>
public sealed record HypothesisPlan
{
    /// <summary>Distinct within a plan.</summary>
    public required string Name { get; init; }

    /// <summary>The claim in a sentence, for people.</summary>
    public required string Statement { get; init; }

    /// <summary>A bottleneck of the plan, as results call it: a random set is "NAME (seed SEED)".</summary>
    public required string Bottleneck { get; init; }

    /// <summary>Labels of the benchmarks that it must hold on, each of them; null: all that are scored.</summary>
    public IReadOnlyList<string>? Benchmarks { get; init; }

    /// <summary>Names of the models that it must hold for, each of them; null: all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>better, worse or equivalent.</summary>
    public required string Direction { get; init; }

    /// <summary>baseline (default), or controls: the random controls, of which it must beat all but one in twenty.</summary>
    public string Against { get; init; } = PlanWords.Baseline;

    /// <summary>Other bottlenecks, at the same scalar or each at the one that it chose: the direction is in comparison with every one of them. Null: with no steering.</summary>
    public IReadOnlyList<string>? Than { get; init; }

    /// <summary>Another metric of the benchmarks, for instance lenient. Null: the primary one.</summary>
    public string? Metric { get; init; }

    /// <summary>The scalar at which it must hold, whatever selection chooses. Null: the chosen one.</summary>
    public double? Scalar { get; init; }

    /// <summary>The scalar that the selection split must choose. Null: whichever.</summary>
    public double? Chosen { get; init; }

    /// <summary>Below what the claim is not met; null: the plan's, which decides what is equivalent.</summary>
    public SmallestEffectPlan? SmallestEffect { get; init; }
}
