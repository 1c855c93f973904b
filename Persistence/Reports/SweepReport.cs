using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Reports;

/// <summary>All that a report says, in whatever format it is written: a function of the store's rows alone, without the time or the place of writing.</summary>
public sealed record SweepReport
{
    public required SweepRecord Sweep { get; init; }

    public required ResolvedPlan Resolved { get; init; }

    public required SweepSummary Summary { get; init; }

    public required SweepCost Cost { get; init; }

    /// <summary>Every benchmark of every model, in plan order.</summary>
    public required IReadOnlyList<BenchmarkReport> Benchmarks { get; init; }

    public SmallestEffectPlan SmallestEffect => Sweep.Plan.SmallestEffect ?? new SmallestEffectPlan();
}

/// <summary>One benchmark of one model.</summary>
public sealed record BenchmarkReport
{
    public required ResolvedModel Model { get; init; }

    public required ResolvedBenchmark Benchmark { get; init; }

    public required SummaryCell Baseline { get; init; }

    /// <summary>Every bottleneck at every scalar, without controls, in plan order.</summary>
    public required IReadOnlyList<SummaryCell> Cells { get; init; }

    /// <summary>What guessing scores, in 0..1; null where a guess is not one of a few.</summary>
    public double? Chance { get; init; }

    /// <summary>Of the test items without steering; null where nothing is generated.</summary>
    public ResponseFigures? Responses { get; init; }

    /// <summary>One a bottleneck with test items; none for plain text.</summary>
    public required IReadOnlyList<EffectReport> Effects { get; init; }

    /// <summary>Random controls at a scalar, by bottleneck and scalar.</summary>
    public required IReadOnlyDictionary<(string Bottleneck, double? Scalar), ControlBand> Bands { get; init; }
}

/// <summary>A bottleneck at its chosen scalar.</summary>
public sealed record EffectReport
{
    public required SummaryRow Row { get; init; }

    /// <summary>The cell at that scalar; of a cross-fitted row, at that of most folds.</summary>
    public required SummaryCell Cell { get; init; }

    /// <summary>Of the row's test items, each at the scalar that was chosen for it.</summary>
    public SplitScores? Scores => Row.CrossFit?.Scores ?? Cell.Splits.GetValueOrDefault("test");

    /// <summary>Selection chose no steering: the effect is none by construction, whatever the interval.</summary>
    public required bool IsBaseline { get; init; }

    public ResponseFigures? Responses { get; init; }

    /// <summary>Items whose score fell: of a binary metric, right before and wrong after.</summary>
    public required FlipList Worse { get; init; }

    /// <summary>Items whose score rose.</summary>
    public required FlipList Better { get; init; }

    /// <summary>The same channels steered in a part of the text only; empty where the row is not reported as a winner.</summary>
    public IReadOnlyList<PositionEffect> Positions { get; init; } = [];
}

/// <summary>Effects of the random controls of a bottleneck at one scalar, on the test split.</summary>
public sealed record ControlBand
{
    public required int Sets { get; init; }

    public required double Lowest { get; init; }

    public required double Median { get; init; }

    public required double Highest { get; init; }
}

/// <summary>What responses look like, whatever they score.</summary>
public sealed record ResponseFigures
{
    public required int Items { get; init; }

    /// <summary>Means.</summary>
    public required double Words { get; init; }

    public required double Characters { get; init; }

    /// <summary>Items whose response is nothing but white space.</summary>
    public required int Empty { get; init; }

    /// <summary>Items in whose response a run of one to eight words stands three times in a row.</summary>
    public required int Repeated { get; init; }

    /// <summary>Items whose generation ended at its limit.</summary>
    public required int Cut { get; init; }

    /// <summary>Items whose context was cut to the limit.</summary>
    public required int ContextCut { get; init; }
}

/// <summary>Items that changed one way, the first of them with their texts.</summary>
public sealed record FlipList
{
    public required int Count { get; init; }

    public required IReadOnlyList<Flip> Shown { get; init; }
}

/// <summary>An item's responses without and with steering; null where nothing is generated.</summary>
public sealed record Flip(string Item, double Before, double After, string? Baseline, string? Steered);

/// <summary>A winner's channels at its scalar, steered in the prompt or in what is generated alone.</summary>
public sealed record PositionEffect
{
    /// <summary>"Prompt" or "Generated".</summary>
    public required string Positions { get; init; }

    /// <summary>The bottleneck that measures it; null: the sweep has none.</summary>
    public string? Bottleneck { get; init; }

    /// <summary>Its test split; null where it was not measured at the winner's scalar.</summary>
    public SplitScores? Scores { get; init; }
}
