using Sweep.Models.Architectures;
using Sweep.Models.Kernels;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>One block of Mamba-1: x + out_proj(scan(conv(in_proj(norm(x)))) · SiLU(z)). R = dt_rank; the other symbols as in <see cref="Block"/>.</summary>
internal class MambaBlock(MambaConfig config, MambaLayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer) : Block(config, weights, nextNorm, operations, layer)
{
    protected new MambaLayerWeights Weights => weights;

    protected override Tensor Mix(Tensor u, Residual residual, Tensor convolutionState, Tensor ssmState, Pass pass)
    {
        int e = config.DInner, n = config.DState, r = config.DtRank;
        var hz = Operations.Linear(u, weights.InProjection); // [B, L, 2E]
        Record(Site.InProjection, hz, pass);
        var z = hz.narrow(2, e, e);
        var h = Operations.Convolve(
            hz.narrow(2, 0, e), weights.Convolution, weights.ConvolutionBias, convolutionState, pass.SpansAt(Layer, JoinOrder.BlockInput)); // [B, L, E]

        JoinAll(pass, JoinOrder.Convolution, residual, ref h, ref z);
        At(Site.Convolution, JoinOrder.Convolution, h, residual, pass);
        var (p, raw) = Project(h); // [B, L, R + 2N], [B, L, E]
        Record(Site.SsmInput, p, pass);
        return pass.IsQuietBetween(Layer, JoinOrder.Delta, JoinOrder.ScanOutput)
            ? Operations.GatedScan(h, raw, weights.A, p.narrow(2, r, n), p.narrow(2, r + n, n), weights.D, z, ssmState, pass.SpansAt(Layer, JoinOrder.Delta))
            : StepwiseScan(residual, h, z, p, raw, ssmState, pass); // [B, L, E]
    }

    public override IReadOnlyList<ScanParameters> Parameters(Tensor ssmInput, Tensor delta)
    {
        int n = config.DState, r = config.DtRank;
        return [new(ssmInput.narrow(1, r, n).clone(), ssmInput.narrow(1, r + n, n).clone(), delta, weights.A.to(float64).cpu())];
    }

    public override Tensor Differentiable(Tensor u, TorchOperations torch)
    {
        int e = config.DInner, n = config.DState, r = config.DtRank;
        var hz = weights.InProjection.Differentiable(u); // [1, L, 2E]
        var h = torch.DifferentiableConvolution(hz.narrow(2, 0, e), weights.Convolution, weights.ConvolutionBias); // [1, L, E]
        var p = ScanInput(weights.SsmProjection.Differentiable(h), torch); // [1, L, R + 2N]
        var delta = nn.functional.softplus(weights.DeltaProjection.Differentiable(p.narrow(2, 0, r)), 1, 20); // [1, L, E]
        // The scan reads an fp32 copy of this state and writes its end over it, which must not be what the first step is differentiated by.
        var state = zeros([1, e, n], float64);
        var y = SelectiveScan.Reference(h, delta, weights.A.clone().t(), p.narrow(2, r, n), p.narrow(2, r + n, n), weights.D.clone(), state); // [1, L, E]
        return DifferentiableGate(y, nn.functional.silu(hz.narrow(2, e, e)), torch);
    }

    public override Tensor DifferentiableGate(Tensor y, Tensor gate, TorchOperations torch) => y * gate;

    /// <summary>h [B, L, E] → δ, B and C [B, L, R + 2N], and dt_proj of δ [B, L, E].</summary>
    protected virtual (Tensor Projected, Tensor Delta) Project(Tensor h) => Operations.Project(h, weights, config.DtRank);

    /// <summary>x_proj's output [B, L, R + 2N], δ, B and C, as dt_proj and the scan read it.</summary>
    protected virtual Tensor ScanInput(Tensor p, BlockOperations operations) => p;

    /// <summary>From Δ to the gated output with every site in between in sight.</summary>
    private Tensor StepwiseScan(Residual residual, Tensor h, Tensor z, Tensor p, Tensor raw, Tensor ssmState, Pass pass)
    {
        int n = config.DState, r = config.DtRank;
        var delta = Operations.Softplus(raw); // [B, L, E]
        JoinAll(pass, JoinOrder.Delta, residual, ref h, ref z, ref p, ref delta);
        At(Site.Delta, JoinOrder.Delta, delta, residual, pass);
        var y = Scan(h, delta, p.narrow(2, r, n), p.narrow(2, r + n, n), ssmState, pass); // [B, L, E]

        JoinAll(pass, JoinOrder.ScanOutput, residual, ref y, ref z);
        At(Site.SsmOutput, JoinOrder.ScanOutput, y, residual, pass);
        var gate = Operations.Silu(z); // [B, L, E]
        At(Site.Gate, JoinOrder.ScanOutput, gate, residual, pass);
        return Operations.Multiply(y, gate); // [B, L, E]
    }

    private Tensor Scan(Tensor h, Tensor delta, Tensor b, Tensor c, Tensor state, Pass pass)
    {
        var spans = pass.SpansAt(Layer, JoinOrder.Delta);
        if (!Wants(Site.SsmState, pass))
            return Operations.Scan(h, delta, weights.A, b, c, weights.D, state, spans);

        // The scan runs in pieces that end at the recorded positions; the state between them is exactly the one it would carry anyway.
        var ends = StateEnds(pass, spans.Length);
        var pieces = new List<Tensor>();
        var states = new List<Tensor>();
        var from = 0;
        foreach (var to in ends.Append(spans.Length))
        {
            if (to > from)
            {
                Tensor Piece(Tensor tensor) => tensor.narrow(1, from, to - from);
                pieces.Add(Operations.Scan(Piece(h), Piece(delta), weights.A, Piece(b), Piece(c), weights.D, state, Slice(spans, from, to)));
                from = to;
            }

            if (states.Count < ends.Count)
                states.Add(state.transpose(1, 2).contiguous().clone());
        }

        pass.Recorder!.Record(Layer, Site.SsmState, stack(states, 1));
        return cat(pieces, 1);
    }
}
