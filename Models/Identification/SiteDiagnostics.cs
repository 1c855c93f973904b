using Sweep.Models.Steering;

namespace Sweep.Models.Identification;

/// <summary>What the texts showed of one site of one layer.</summary>
public sealed record SiteDiagnostics
{
    public required int Layer { get; init; }

    public required Site Site { get; init; }

    /// <summary>Of every channel.</summary>
    public required ChannelMoments Moments { get; init; }

    /// <summary>Of [positions, width] of all texts, uncentred; null where every value is 0.</summary>
    public required EffectiveRank? Rank { get; init; }

    /// <summary>Mean over positions of the entropy of the softmax over channels, nats.</summary>
    public required double SoftmaxEntropy { get; init; }

    /// <summary>Mean over channels that change of the entropy of a normal distribution of the channel's variance over positions, nats; null where none changes.</summary>
    public double? NormalEntropy
    {
        get
        {
            var entropies = Moments.VarianceOverPositions.Select(Entropy.OfNormal).OfType<double>().ToArray();
            return entropies.Length == 0 ? null : entropies.Average();
        }
    }
}

/// <summary>What the texts showed of a whole model.</summary>
public sealed record TextDiagnostics
{
    /// <summary>The sites that were asked for, over all texts.</summary>
    public required IReadOnlyList<SiteDiagnostics> Sites { get; init; }

    /// <summary>The same channels' moments over the texts of each half alone: every other text.</summary>
    public required IReadOnlyDictionary<(int Layer, Site Site), (ChannelMoments Even, ChannelMoments Odd)> Halves { get; init; }

    /// <summary>Means over positions, [text][channel].</summary>
    public required IReadOnlyDictionary<(int Layer, Site Site), IReadOnlyList<double[]>> TimeMeans { get; init; }

    /// <summary>Linear CKA of the residual streams after every two layers; null entries where a stream never changes.</summary>
    public required double?[][] Cka { get; init; }

    /// <summary>Positions that <see cref="Cka"/> is over, evenly spread.</summary>
    public required int CkaPositions { get; init; }

    /// <summary>Of each layer: mean over positions of the entropy of the next-token distribution if the final norm and the head read the residual stream after it, nats.</summary>
    public required IReadOnlyList<double> LogitLensEntropy { get; init; }

    public required long Positions { get; init; }
}
