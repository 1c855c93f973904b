using Sweep.Contracts.Plans;
using Sweep.Execution.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning;

/// <summary>A bottleneck of one model with its layers found and its words checked; which channels is still open.</summary>
internal sealed record OpenBottleneck
{
    public required string Name { get; init; }

    public required IReadOnlyList<OpenPart> Parts { get; init; }

    /// <summary>Ascending, distinct, with the identity; empty for ablations.</summary>
    public required IReadOnlyList<double> Scalars { get; init; }
}

/// <summary>One place of an <see cref="OpenBottleneck"/>.</summary>
internal sealed record OpenPart
{
    public required int Layer { get; init; }

    public required Site Site { get; init; }

    public required int Width { get; init; }

    public required Operation Operation { get; init; }

    public required PositionScope Positions { get; init; }

    public required ChannelsPlan Channels { get; init; }

    /// <summary>Seed of a random recipe.</summary>
    public long? Seed { get; init; }

    /// <summary>As the plan gives them, in the plan's order of channels.</summary>
    public IReadOnlyList<double>? Values { get; init; }

    /// <summary>The file that the channels come from.</summary>
    public IdentifiedSource? Source { get; init; }

    /// <summary>What chose the channels, where a recipe has and is no longer to be seen in them: its name, and every channel's score.</summary>
    public (string Recipe, IReadOnlyList<double?> Scores)? Ranking { get; init; }

    public (int Layer, Site Site) Place => (Layer, Site);

    /// <summary>What found the channels, in words; null: the channels' own recipe.</summary>
    public string? FoundBy { get; init; }

    /// <summary>Needs a run of the model over the calibration text.</summary>
    public bool NeedsCalibration => (Channels.Top is not null && !NeedsItems) || NeedsMeans || Operation == Operation.MeanAblate;

    /// <summary>Ranked by what setting channels to their means does.</summary>
    public bool NeedsMeans => Channels.Top is not null && Channels.By == ImpactRecipes.MeanAblation;

    /// <summary>Needs runs of the model over items.</summary>
    public bool NeedsItems => Channels.Top is not null && ImpactRecipes.Contains(Channels.By!);

    public int Size => Channels.Explicit?.Count ?? Channels.Top ?? Channels.Random ?? Width;

    public string Recipe => Channels switch
    {
        _ when FoundBy is not null => FoundBy,
        { Explicit: not null } => "explicit",
        { Top: { } top } => $"top {top} by {Channels.By}",
        { Random: { } random } => $"random {random}, seed {Seed}",
        _ => "all",
    };
}

/// <summary>A bottleneck file as a plan names it.</summary>
internal sealed record IdentifiedSource(string Name, BottleneckFile File);
