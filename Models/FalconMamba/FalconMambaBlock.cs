using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.FalconMamba;

/// <summary>A block of Mamba-1 with weightless RMS norms over δ, B and C, each by itself.</summary>
internal sealed class FalconMambaBlock(FalconMambaConfig config, MambaLayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer)
    : MambaBlock(config, weights, nextNorm, operations, layer)
{
    protected override (Tensor Projected, Tensor Delta) Project(Tensor h)
    {
        var p = ScanInput(Operations.Linear(h, Weights.SsmProjection), Operations);
        return (p, Operations.Linear(p.narrow(2, 0, config.DtRank), Weights.DeltaProjection));
    }

    protected override Tensor ScanInput(Tensor p, BlockOperations operations)
    {
        using var scope = NewDisposeScope();
        int r = config.DtRank, n = config.DState;
        Tensor Norm(int first, int width) => operations.PlainNorm(p.narrow(2, first, width), config.MixerNormEpsilon);
        return cat([Norm(0, r), Norm(r, n), Norm(r + n, n)], 2).MoveToOuterDisposeScope(); // [B, L, R + 2N]
    }
}
