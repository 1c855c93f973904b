using Sweep.Contracts.Plans;

namespace Sweep.Execution.Identification;

/// <summary>What an identification found.</summary>
public sealed record IdentificationResult
{
    /// <summary>Name of the model's folder.</summary>
    public required string Model { get; init; }

    public required string WeightsHash { get; init; }

    public required IReadOnlyList<LayerReport> Layers { get; init; }

    /// <summary>Positions that <see cref="LayerReport.Cka"/> is over.</summary>
    public required int CkaPositions { get; init; }

    /// <summary>One a layer whose channels are ranked, where they were asked for.</summary>
    public IReadOnlyList<AttentionMap>? AttentionMaps { get; init; }

    /// <summary>One a place, where they were asked for.</summary>
    public IReadOnlyList<AutoencoderReport>? Autoencoders { get; init; }

    /// <summary>By layer, site and recipe.</summary>
    public required IReadOnlyList<BottleneckFile> Bottlenecks { get; init; }
}

/// <summary>One layer over the texts.</summary>
public sealed record LayerReport
{
    public required int Layer { get; init; }

    /// <summary>Mean entropy of the next-token distribution if the final norm and the head read the residual stream after this layer, nats.</summary>
    public required double LogitLensEntropy { get; init; }

    /// <summary>Linear CKA of the residual stream after this layer with that after every layer; null where one never changes.</summary>
    public required IReadOnlyList<double?> Cka { get; init; }

    public required IReadOnlyList<SiteReport> Sites { get; init; }
}

/// <summary>One site of a layer over the texts; the first four are means over channels.</summary>
public sealed record SiteReport
{
    public required string Site { get; init; }

    /// <summary>Over texts of the mean over positions.</summary>
    public required double VarianceOverTexts { get; init; }

    public required double VarianceOverPositions { get; init; }

    public required double MeanAbsolute { get; init; }

    /// <summary>Null: no channel changes.</summary>
    public double? Kurtosis { get; init; }

    /// <summary>(Σσ)² / Σσ² of all positions × channels; null: all values are 0.</summary>
    public double? RankParticipation { get; init; }

    /// <summary>exp of the entropy of σ / Σσ; null as above.</summary>
    public double? RankEntropy { get; init; }

    /// <summary>Nats.</summary>
    public required double SoftmaxEntropy { get; init; }

    /// <summary>Of a normal distribution of each channel's variance, mean over channels that change, nats; null: none does.</summary>
    public double? NormalEntropy { get; init; }
}

/// <summary>A sparse autoencoder of one site of one layer, trained on one half of the texts; figures are of the other half.</summary>
public sealed record AutoencoderReport
{
    public required int Layer { get; init; }

    public required string Site { get; init; }

    public required int Features { get; init; }

    public required int TrainingPositions { get; init; }

    public required int HeldOutPositions { get; init; }

    /// <summary>Share of the variance that is given back.</summary>
    public required double ExplainedVariance { get; init; }

    /// <summary>Mean share of features that are above 0.</summary>
    public required double ActiveShare { get; init; }

    /// <summary>The features that write most.</summary>
    public required IReadOnlyList<AutoencoderFeature> Most { get; init; }
}

/// <summary>One feature.</summary>
public sealed record AutoencoderFeature
{
    /// <summary>Mean activation times the length of what it writes, in units of the site's root mean square.</summary>
    public required double Use { get; init; }

    /// <summary>Channels that it writes to most, by size.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>What it writes to each of them.</summary>
    public required IReadOnlyList<double> Weights { get; init; }
}

/// <summary>The hidden attention of one layer's scan over one text.</summary>
public sealed record AttentionMap
{
    public required int Layer { get; init; }

    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Mean over inner channels of what position t takes from position j, [t][j] with j ≤ t.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Map { get; init; }
}
