using Sweep.Execution.Prefix;
using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;

namespace Sweep.Execution.Residency;

/// <summary>Reads model folders.</summary>
internal interface IModelLoader
{
    /// <summary>What can be known without loading weights. Throws <see cref="Models.InvalidCheckpointException"/>.</summary>
    ModelFacts Inspect(string folder);

    /// <summary>Loads the weights; on the device's own thread only.</summary>
    IResidentModel Load(string folder, string precision, string device);
}

/// <summary>A model folder's content without its tensors.</summary>
internal sealed record ModelFacts
{
    public required string WeightsHash { get; init; }

    public required string TokenizerHash { get; init; }

    public required ModelConfig Config { get; init; }

    public required long Parameters { get; init; }

    public required ITokenCodec Tokenizer { get; init; }
}

/// <summary>A loaded model; it belongs to the device's own thread.</summary>
internal interface IResidentModel : IDisposable
{
    ISteeredExecutor Executor { get; }

    /// <summary>The model itself, for what looks inside it.</summary>
    MambaModel Network { get; }

    /// <summary>The unsteered activation of each place's channels over one text, one a place.</summary>
    IReadOnlyList<TimeMoments> TimeMoments(IReadOnlyList<int> tokens, IReadOnlyList<(int Layer, Site Site)> places, CancellationToken cancellationToken);
}

/// <summary>One site of one layer over one text, a value a channel.</summary>
/// <param name="Means">Mean over positions.</param>
/// <param name="Squares">Mean over positions of the square.</param>
internal sealed record TimeMoments(double[] Means, double[] Squares);
