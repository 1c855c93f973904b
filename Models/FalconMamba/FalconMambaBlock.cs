using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.FalconMamba;

/// <summary>A block of Mamba-1 with weightless RMS norms over δ, B and C, each by itself.</summary>
internal sealed class FalconMambaBlock(FalconMambaConfig config, MambaLayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer)
    : MambaBlock(config, weights, nextNorm, operations, layer)
{
    protected override Tensor ScanInput(Tensor p, BlockOperations operations)
    {
        using var scope = NewDisposeScope();
        int r = config.DtRank, n = config.DState;
        Tensor Norm(int first, int width) => operations.PlainNorm(p.narrow(2, first, width), config.MixerNormEpsilon);
        return cat([Norm(0, r), Norm(r, n), Norm(r + n, n)], 2).MoveToOuterDisposeScope(); // [B, L, R + 2N]
    }
}
