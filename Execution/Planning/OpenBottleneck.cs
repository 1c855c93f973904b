using Sweep.Contracts.Plans;
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

    public (int Layer, Site Site) Place => (Layer, Site);

    /// <summary>Needs a run of the model over the calibration text.</summary>
    public bool NeedsCalibration => Channels.Top is not null || Operation == Operation.MeanAblate;

    public int Size => Channels.Explicit?.Count ?? Channels.Top ?? Channels.Random ?? Width;

    public string Recipe => Channels switch
    {
        { Explicit: not null } => "explicit",
        { Top: { } top } => $"top {top} by {Channels.By}",
        { Random: { } random } => $"random {random}, seed {Seed}",
        _ => "all",
    };
}
