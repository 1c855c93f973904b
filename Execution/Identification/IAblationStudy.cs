using Sweep.Contracts.Plans;
using Sweep.Models.Identification;

namespace Sweep.Execution.Identification;

/// <summary>Takes layers and channels out of a model and measures how far its expectations move.</summary>
public interface IAblationStudy
{
    /// <exception cref="InvalidPlanException">Every problem of the request.</exception>
    Task<AblationResult> RunAsync(AblationRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken);
}

/// <summary>What is taken out, over what.</summary>
public sealed record AblationRequest
{
    /// <summary>A model folder.</summary>
    public required string Model { get; init; }

    /// <summary>Means and variances are of every other document, the divergence is over the others.</summary>
    public required CalibrationPlan Texts { get; init; }

    /// <summary>Bottleneck files whose channels are taken out: all, all others of the site, and step by step.</summary>
    public IReadOnlyList<string> Bottlenecks { get; init; } = [];

    public IReadOnlyList<AblationKind> Kinds { get; init; } = [AblationKind.Zero, AblationKind.Mean, AblationKind.Noise];

    /// <summary>Factors on each layer's dt_proj.bias. Default: 0, 0.5, 0.75, 1.25, 1.5 and 2.</summary>
    public IReadOnlyList<double> DeltaBiasFactors { get; init; } = [0, 0.5, 0.75, 1.25, 1.5, 2];

    /// <summary>Of noise and of random orders. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>"fp32" (default), "tf32" (CUDA devices), "bf16" or "fp16".</summary>
    public string Precision { get; init; } = "fp32";
}

/// <summary>What an ablation study measured.</summary>
public sealed record AblationResult
{
    /// <summary>Name of the model's folder.</summary>
    public required string Model { get; init; }

    public required string WeightsHash { get; init; }

    /// <summary>Tokens that each figure is a mean over.</summary>
    public required long Positions { get; init; }

    public required IReadOnlyList<AblationRow> Rows { get; init; }

    /// <summary>Of every layer and factor.</summary>
    public required IReadOnlyList<DeltaBiasRow> DeltaBias { get; init; }
}

/// <summary>One ablation.</summary>
public sealed record AblationRow
{
    /// <summary>"layer", "bottleneck", "rest" (all others of the site), "top" (the first so many by score), "random" (as many, in a random order).</summary>
    public required string What { get; init; }

    /// <summary>The bottleneck file; null for a layer.</summary>
    public string? Source { get; init; }

    public required int Layer { get; init; }

    public required string Site { get; init; }

    public required AblationKind Kind { get; init; }

    /// <summary>Channels taken out.</summary>
    public required int Channels { get; init; }

    /// <summary>Mean over tokens of KL(model ‖ ablated) of the next token, nats.</summary>
    public required double Kl { get; init; }
}

/// <summary>One layer's dt_proj.bias times a factor.</summary>
public sealed record DeltaBiasRow
{
    public required int Layer { get; init; }

    public required double Factor { get; init; }

    /// <summary>As in <see cref="AblationRow.Kl"/>.</summary>
    public required double Kl { get; init; }
}
