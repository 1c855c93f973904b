using Sweep.Models.Kernels;
using Sweep.Models.Mamba2;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>The steps of a block. One form for fp32 on the CPU, whose rows never depend on what else is in the pass, and one in plain torch for everything else.</summary>
public abstract class BlockOperations
{
    private protected BlockOperations()
    {
    }

    /// <summary>Rows of the first axis, copied in this order.</summary>
    internal abstract Tensor Gather(Tensor source, IReadOnlyList<int> rows);

    /// <summary>RMSNorm over the last axis, in the dtype of the weight.</summary>
    internal abstract Tensor Norm(Tensor x, Tensor weight, double epsilon);

    /// <summary>[.., inputs] → [.., outputs].</summary>
    internal abstract Tensor Linear(Tensor x, LinearWeight weight);

    /// <summary>Causal depthwise convolution and SiLU; 0 at padded positions.</summary>
    internal abstract Tensor Convolve(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans spans);

    internal abstract Tensor Softplus(Tensor raw);

    /// <summary>y + D·h [B, L, d_inner]; padded steps leave the state as it was.</summary>
    internal abstract Tensor Scan(Tensor h, Tensor delta, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state, TokenSpans spans);

    /// <summary>Softplus, scan, D skip and gate in one: what <see cref="Softplus"/>, <see cref="Scan"/>, <see cref="Silu"/> and <see cref="Multiply"/> give one after the other, bit for bit.</summary>
    internal virtual Tensor GatedScan(Tensor h, Tensor raw, Tensor a, Tensor b, Tensor c, Tensor d, Tensor z, Tensor state, TokenSpans spans) =>
        Multiply(Scan(h, Softplus(raw), a, b, c, d, state, spans), Silu(z));

    /// <summary>y + D·x of Mamba-2 [B, L, d_inner] by matrix products over chunks; padded steps leave the state as it was.</summary>
    internal virtual Tensor Ssd(SsdInputs inputs, int chunk) => ChunkedSsd.Run(inputs, chunk);

    /// <summary>RMSNorm of y · gate over each of some groups of channels, the product in fp32. y is used up.</summary>
    internal virtual Tensor GatedNorm(Tensor y, Tensor gate, Tensor weight, double epsilon, int groups)
    {
        using var scope = NewDisposeScope();
        var shape = y.shape;
        var product = (y.to(float32) * gate.to(float32)).reshape([.. shape[..^1], groups, shape[^1] / groups]);
        var scale = (product.square().mean([-1], true) + epsilon).rsqrt();
        return ((product * scale).reshape(shape).to(weight.dtype) * weight).MoveToOuterDisposeScope();
    }

    internal abstract Tensor Silu(Tensor z);

    internal abstract Tensor Multiply(Tensor y, Tensor gate);

    /// <summary>Row i is residual[rows[i]] + mixed[i]; rows null means i.</summary>
    internal abstract Tensor AddResidual(Tensor residual, IReadOnlyList<int>? rows, Tensor mixed);

    /// <summary>residual + mixed, written over the residual, which is returned.</summary>
    internal abstract Tensor AddInPlace(Tensor residual, Tensor mixed);

    /// <summary>For each row the first position inside its span that holds NaN or infinity, else −1.</summary>
    internal abstract int[] FirstNonFinite(Tensor x, TokenSpans spans);

    /// <summary>Applies one site's interventions to x [B, L, width] in place and measures them against residual[residualRows[i]].</summary>
    internal abstract void Steer(Tensor x, Tensor residual, IReadOnlyList<int>? residualRows, TokenSpans spans, int layer, Site site, Pass pass);
}
