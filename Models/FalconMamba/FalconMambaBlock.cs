using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.FalconMamba;

/// <summary>A block of Mamba-1 with weightless RMS norms over δ, B and C, each by itself.</summary>
internal sealed class FalconMambaBlock(FalconMambaConfig config, WeightSource source, BlockOperations operations, int layer)
    : MambaBlock(config, MambaLayerWeights.Take(source, config, layer), operations, layer)
{
    private readonly Tensor _rankOnes = source.Ones(config.DtRank);
    private readonly Tensor _stateOnes = source.Ones(config.DState);

    protected override Tensor ScanInput(Tensor p, BlockOperations operations)
    {
        using var scope = NewDisposeScope();
        int r = config.DtRank, n = config.DState;
        Tensor Norm(int first, int width, Tensor ones) => operations.Norm(p.narrow(2, first, width), ones, config.MixerNormEpsilon);
        return cat([Norm(0, r, _rankOnes), Norm(r, n, _stateOnes), Norm(r + n, n, _stateOnes)], 2).MoveToOuterDisposeScope(); // [B, L, R + 2N]
    }
}
