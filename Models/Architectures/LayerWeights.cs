using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Architectures;

/// <summary>The tensors of one block, of which the family uses these.</summary>
internal abstract class LayerWeights
{
    public required Tensor Norm { get; init; } // [d_model]
    public required LinearWeight OutProjection { get; init; } // [d_model, d_inner]

    /// <summary>What is added to the raw step sizes before softplus.</summary>
    public abstract Tensor DeltaBias { get; }
}
