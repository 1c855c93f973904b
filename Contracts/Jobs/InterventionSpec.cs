namespace Sweep.Contracts.Jobs;

/// <summary>A resolved intervention: absolute layer, explicit channels, final scalar. Names equal those of Sweep.Models.Steering.</summary>
public sealed record InterventionSpec
{
    public required int Layer { get; init; }

    /// <summary>A site's name, for instance "MixerOutput".</summary>
    public required string Site { get; init; }

    /// <summary>"Scale", "ZeroAblate", "MeanAblate" or "Add".</summary>
    public required string Operation { get; init; }

    /// <summary>"All", "Prompt", "Generated" or "Last".</summary>
    public required string Positions { get; init; }

    /// <summary>Ascending and distinct.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>For Scale and Add; null for ablations, which have none.</summary>
    public double? Scalar { get; init; }

    /// <summary>One value a channel: MeanAblate's means, Add's vector.</summary>
    public IReadOnlyList<double>? Values { get; init; }

    /// <summary>Scale by 1 and add of 0: the same job as the baseline.</summary>
    public bool IsIdentity => (Operation == "Scale" && Scalar == 1) || (Operation == "Add" && Scalar == 0);
}
