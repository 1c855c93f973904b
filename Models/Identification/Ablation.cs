using Sweep.Models.Steering;

namespace Sweep.Models.Identification;

/// <summary>What takes the place of an ablated activation.</summary>
public enum AblationKind
{
    /// <summary>0.</summary>
    Zero,

    /// <summary>The channel's mean over a calibration text.</summary>
    Mean,

    /// <summary>Normal noise of the channel's mean and variance over a calibration text, drawn for every position by itself.</summary>
    Noise,
}

/// <summary>Some channels of one site of one layer taken out, at every position.</summary>
public sealed record Ablation
{
    /// <summary>0-based.</summary>
    public required int Layer { get; init; }

    public required Site Site { get; init; }

    public required AblationKind Kind { get; init; }

    /// <summary>Ascending, distinct.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>Of every channel of the site; of Zero unused.</summary>
    public ChannelMoments? Moments { get; init; }

    /// <summary>Of the noise.</summary>
    public ulong Seed { get; init; }

    /// <summary>The intervention, and what the writer must make noise of.</summary>
    internal (Intervention Intervention, NoiseSource? Noise) ToIntervention()
    {
        if (Kind != AblationKind.Zero && Moments is null)
            throw new ArgumentException($"{Kind} ablation of {Site} at layer {Layer} has no moments");
        var intervention = new Intervention
        {
            Layer = Layer,
            Site = Site,
            Operation = Kind == AblationKind.Zero ? Operation.ZeroAblate : Operation.MeanAblate,
            Channels = Channels,
            Values = Kind == AblationKind.Zero ? null : Of(Moments!.Means),
        };
        var noise = Kind == AblationKind.Noise ? new NoiseSource(intervention, [.. Of(Moments!.VarianceOverPositions).Select(Math.Sqrt)], Seed) : null;
        return (intervention, noise);
    }

    private double[] Of(double[] values) => [.. Channels.Select(channel => values[channel])];
}
