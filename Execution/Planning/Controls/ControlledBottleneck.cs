using Sweep.Execution.Calibration;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning.Controls;

/// <summary>A bottleneck whose channels are known, and what its controls are made from.</summary>
internal sealed record ControlledBottleneck
{
    public required OpenBottleneck Bottleneck { get; init; }

    /// <summary>Its channels, one ascending set a part.</summary>
    public required IReadOnlyList<int[]> Own { get; init; }

    /// <summary>Blocks of the model.</summary>
    public required int Layers { get; init; }

    public required string WeightsHash { get; init; }

    public required long Seed { get; init; }

    /// <summary>Of the calibration text; null where the plan is only counted: then all channels are taken to be alike.</summary>
    public required IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>? Statistics { get; init; }

    public IReadOnlyList<OpenPart> Parts => Bottleneck.Parts;

    /// <summary>Mean square of each channel of a part's site.</summary>
    public IReadOnlyList<double> Squares(int part) => Statistics?[Parts[part].Place].Squares ?? Alike(part);

    /// <summary>Variance over texts of the time-mean of each channel of a part's site.</summary>
    public IReadOnlyList<double> Variances(int part) => Statistics?[Parts[part].Place].Variances ?? Alike(part);

    private double[] Alike(int part) => [.. Enumerable.Repeat(1.0, Parts[part].Width)];
}
