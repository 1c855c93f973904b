using Sweep.Models.Architectures;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba2;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// The steps of a block. One form for fp32 on the CPU, whose rows never depend on what else is in the pass, one of our own kernels for CUDA devices, and one in plain torch for everything else.
/// </summary>
public abstract class BlockOperations
{
    private protected BlockOperations()
    {
    }

    /// <summary>The calling thread is about to run a pass.</summary>
    internal virtual void BeginPass(Pass pass)
    {
    }

    /// <summary>It is over, or has failed.</summary>
    internal virtual void EndPass()
    {
    }

    /// <summary>Rows of a pass may have their states anywhere (<see cref="Pass.Slots"/>).</summary>
    internal virtual bool HasSlots => false;

    /// <summary>See <see cref="MambaModel.BeginGreedy"/>.</summary>
    internal virtual GreedySteps? BeginGreedy(ModelWeights weights, ModelConfig config, MambaState state, IReadOnlyList<int> slots, IReadOnlyList<int> tokens) => null;

    /// <summary>target[targets[i]] = source[rows[i]], whole rows of the first axis; what is written is not read.</summary>
    internal virtual void Copy(Tensor source, IReadOnlyList<int> rows, Tensor target, IReadOnlyList<int> targets) => throw new NotSupportedException("states have no slots here");

    /// <summary>A whole pass of one token a row that nobody looks into, where it can be replayed; null: it runs block after block.</summary>
    internal virtual Tensor? RunStep(Tensor tokens, Tensor embedding, MambaState state, Pass pass) => null;

    /// <summary>Replaces x by the output of a block that nobody looks into and updates the states; false: it runs step by step.</summary>
    internal virtual bool RunQuiet(int layer, Tensor x, Tensor convolutionState, Tensor ssmState, Pass pass) => false;

    /// <summary>The last block's output at the one position a row that is wanted [rows, 1, d_model], where nobody looks into it; null: it runs as the others.</summary>
    internal virtual Tensor? RunLast(Tensor x, Tensor convolutionState, Tensor ssmState, Pass pass) => null;

    /// <summary>tokens [B, L] → rows of the embedding [B, L, d_model] in the residual stream's dtype.</summary>
    internal virtual Tensor Embed(Tensor tokens, Tensor embedding, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var rows = embedding.index_select(0, tokens.to(int64, embedding.device).reshape(-1));
        return rows.reshape(tokens.shape[0], tokens.shape[1], embedding.shape[1]).to(dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Rows of the first axis, copied in this order.</summary>
    internal abstract Tensor Gather(Tensor source, IReadOnlyList<int> rows);

    /// <summary>RMSNorm over the last axis, in the dtype of the weight.</summary>
    internal abstract Tensor Norm(Tensor x, Tensor weight, double epsilon);

    /// <summary>[.., inputs] → [.., outputs].</summary>
    internal abstract Tensor Linear(Tensor x, LinearWeight weight);

    /// <summary>h [B, L, d_inner] → x_proj of it [B, L, R + 2N], and dt_proj of the first R of that [B, L, d_inner].</summary>
    internal virtual (Tensor Projected, Tensor Delta) Project(Tensor h, MambaLayerWeights weights, int rank)
    {
        var projected = Linear(h, weights.SsmProjection);
        return (projected, Linear(projected.narrow(2, 0, rank), weights.DeltaProjection));
    }

    /// <summary>[.., d_model] → fp32 [.., V].</summary>
    internal virtual Tensor Logits(Tensor x, LinearWeight weight)
    {
        using var scope = NewDisposeScope();
        return Linear(x, weight).to(float32).MoveToOuterDisposeScope();
    }

    /// <summary>Causal depthwise convolution and SiLU; 0 at padded positions.</summary>
    internal abstract Tensor Convolve(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans spans);

    internal abstract Tensor Softplus(Tensor raw);

    /// <summary>y + D·h [B, L, d_inner]; padded steps leave the state as it was.</summary>
    internal abstract Tensor Scan(Tensor h, Tensor delta, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state, TokenSpans spans);

    /// <summary>Softplus, scan, D skip and gate in one: what <see cref="Softplus"/>, <see cref="Scan"/>, <see cref="Silu"/> and <see cref="Multiply"/> give one after the other, in fp32 bit for bit.</summary>
    internal virtual Tensor GatedScan(Tensor h, Tensor raw, Tensor a, Tensor b, Tensor c, Tensor d, Tensor z, Tensor state, TokenSpans spans) =>
        Multiply(Scan(h, Softplus(raw), a, b, c, d, state, spans), Silu(z));

    /// <summary>y + D·x of Mamba-2 [B, L, d_inner] by matrix products over chunks; padded steps leave the state as it was.</summary>
    internal virtual Tensor Ssd(SsdInputs inputs, int chunk) => ChunkedSsd.Run(inputs, chunk);

    /// <summary>RMSNorm over the last axis without weights: computed in fp32, in the dtype of x.</summary>
    internal virtual Tensor PlainNorm(Tensor x, double epsilon)
    {
        using var scope = NewDisposeScope();
        var values = x.to(float32);
        return (values * (values.square().mean([-1], true) + epsilon).rsqrt()).to(x.dtype).MoveToOuterDisposeScope();
    }

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

    /// <summary>
    /// <see cref="AddResidual"/> (in place where rows are null), <see cref="Watch"/> and the next block's <see cref="Norm"/> in one, where a device gains by it: normal is null where it was not computed.
    /// </summary>
    internal virtual (Tensor Sum, Tensor? Normal) AddAndNorm(Tensor residual, IReadOnlyList<int>? rows, Tensor mixed, Tensor weight, double epsilon, TokenSpans spans, int layer, Pass pass)
    {
        var sum = rows is null ? AddInPlace(residual, mixed) : AddResidual(residual, rows, mixed);
        Watch(sum, spans, layer, pass);
        return (sum, null);
    }

    /// <summary>Notes where rows of a block's output leave the finite numbers; the pass knows at the latest after <see cref="Finish"/>.</summary>
    internal virtual void Watch(Tensor x, TokenSpans spans, int layer, Pass pass)
    {
        var positions = FirstNonFinite(x, spans);
        for (var row = 0; row < positions.Length; row++)
        {
            if (positions[row] >= 0)
                pass.NoteDivergence(row, layer, positions[row]);
        }
    }

    /// <summary>After the last block: the pass and its meters learn what is still on the device.</summary>
    internal virtual void Finish(Pass pass)
    {
    }

    /// <summary>Gives back what is kept for the next pass and not needed to run one; between passes only.</summary>
    internal virtual void ReleaseCaches()
    {
    }

    /// <summary>For each row the first position inside its span that holds NaN or infinity, else −1.</summary>
    internal abstract int[] FirstNonFinite(Tensor x, TokenSpans spans);

    /// <summary>Applies one site's interventions to x [B, L, width] in place and measures them against residual[residualRows[i]].</summary>
    internal abstract void Steer(Tensor x, Tensor residual, IReadOnlyList<int>? residualRows, TokenSpans spans, int layer, Site site, Pass pass);
}
