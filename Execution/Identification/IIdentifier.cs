using Sweep.Contracts.Plans;

namespace Sweep.Execution.Identification;

/// <summary>Looks for the layers and channels on which a model's answers hang.</summary>
public interface IIdentifier
{
    /// <summary>The plan of the sweep in which the request's recipes over items can be measured (<see cref="ImpactStages"/>); null: it has none.</summary>
    /// <exception cref="InvalidPlanException">Every problem of the request.</exception>
    Task<SweepPlan?> PlanAsync(IdentifyRequest request, CancellationToken cancellationToken);

    /// <exception cref="InvalidPlanException">Every problem of the request.</exception>
    Task<IdentificationResult> RunAsync(IdentifyRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken);
}

/// <summary>How far an identification is.</summary>
/// <param name="Phase">"texts", "items".</param>
/// <param name="Done">Of <paramref name="Total"/>.</param>
/// <param name="Total">Texts or items of the phase.</param>
public sealed record IdentifyProgress(string Phase, int Done, int Total);

/// <summary>What is looked for, over what.</summary>
public sealed record IdentifyRequest
{
    /// <summary>Relative depth of the layer that is looked at when nobody says which: that of arXiv 2602.22719.</summary>
    public const double UsualDepth = 0.83;

    /// <summary>A model folder.</summary>
    public required string Model { get; init; }

    /// <summary>Behind every recipe over texts, and behind means.</summary>
    public required CalibrationPlan Texts { get; init; }

    /// <summary>Layers whose channels are ranked; null: the one at <see cref="UsualDepth"/>, or all.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Every layer, where <see cref="Layers"/> names none. Default: false.</summary>
    public bool AllLayers { get; init; }

    /// <summary>Sites whose channels are ranked, all of which can be steered.</summary>
    public IReadOnlyList<string> Sites { get; init; } = ["MixerOutput", "SsmOutput", "Delta"];

    /// <summary>Of <see cref="ChannelRecipes.All"/>.</summary>
    public IReadOnlyList<string> Recipes { get; init; } = [];

    /// <summary>Channels that a recipe chooses. Default: 16.</summary>
    public int Top { get; init; } = 16;

    /// <summary>Groups of channels that move together over the texts, at each place; 0: none. Default: 0.</summary>
    public int Groups { get; init; }

    /// <summary>Features of a sparse autoencoder at each place; 0: none. Default: 0.</summary>
    public int AutoencoderFeatures { get; init; }

    /// <summary>1-based number of the document whose hidden attention is told, at the layers whose channels are ranked; null: none.</summary>
    public int? AttentionDocument { get; init; }

    /// <summary>Where recipes over items find theirs; the number of items is of their selection split alone.</summary>
    public IReadOnlyList<BenchmarkPlan> Benchmarks { get; init; } = [];

    /// <summary>What the recipe "scaling" multiplies a channel by. Default: 0.5 and 2.</summary>
    public IReadOnlyList<double> Scalars { get; init; } = [0.5, 2];

    /// <summary>Recipes over items are ranked by the rows that the sweep of <see cref="IIdentifier.PlanAsync"/> has left in the store, not measured here. Default: false.</summary>
    public bool IsMeasured { get; init; }

    public SplitPlan Split { get; init; } = new();

    /// <summary>Longest prompt in tokens; null: no limit.</summary>
    public int? ContextLimit { get; init; }

    /// <summary>Of the item order and the split. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>"fp32" (default), "tf32" (CUDA devices), "bf16" or "fp16".</summary>
    public string Precision { get; init; } = "fp32";
}
