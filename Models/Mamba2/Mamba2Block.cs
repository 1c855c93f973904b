using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba2;

/// <summary>
/// One block of Mamba-2: x + out_proj(norm(ssd(conv(in_proj(norm(x)))) · SiLU(z))). H heads, G groups; the other symbols as in <see cref="Block"/>. B and C come out of the convolution, Δ straight
/// out of in_proj: steering x after the convolution changes neither.
/// </summary>
internal sealed class Mamba2Block(Mamba2Config config, Mamba2LayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer) : Block(config, weights, nextNorm, operations, layer)
{
    private int Shared => config.GroupCount * config.DState;

    protected override Tensor Mix(Tensor u, Residual residual, Tensor convolutionState, Tensor ssmState, Pass pass)
    {
        int e = config.DInner, width = config.ConvolutionWidth, heads = config.HeadCount;
        var projected = Operations.Linear(u, weights.InProjection); // [B, L, 2E + 2GN + H]
        Record(Site.InProjection, projected, pass);
        var (z, dt) = (projected.narrow(2, 0, e), projected.narrow(2, e + width, heads));
        var xbc = Operations.Convolve(
            projected.narrow(2, e, width), weights.Convolution, weights.ConvolutionBias, convolutionState, pass.SpansAt(Layer, JoinOrder.BlockInput)); // [B, L, E + 2GN]

        JoinAll(pass, JoinOrder.Convolution, residual, ref xbc, ref z, ref dt);
        At(Site.Convolution, JoinOrder.Convolution, xbc.narrow(2, 0, e), residual, pass);
        if (Wants(Site.SsmInput, pass))
            Record(Site.SsmInput, cat([dt, xbc.narrow(2, e, 2 * Shared)], 2), pass); // [B, L, H + 2GN]
        var delta = Operations.Softplus(dt + weights.DeltaBias); // [B, L, H]
        if (config.DeltaMinimum > 0 || double.IsFinite(config.DeltaMaximum))
            delta.clamp_(config.DeltaMinimum, config.DeltaMaximum);

        JoinAll(pass, JoinOrder.Delta, residual, ref xbc, ref z, ref delta);
        At(Site.Delta, JoinOrder.Delta, delta, residual, pass);
        var y = Scan(xbc, delta, ssmState, pass); // [B, L, E]

        JoinAll(pass, JoinOrder.ScanOutput, residual, ref y, ref z);
        At(Site.SsmOutput, JoinOrder.ScanOutput, y, residual, pass);
        var gate = Operations.Silu(z); // [B, L, E]
        At(Site.Gate, JoinOrder.ScanOutput, gate, residual, pass);
        return Operations.GatedNorm(y, gate, weights.GatedNorm, config.NormEpsilon, config.NormGroups); // [B, L, E]
    }

    public override IReadOnlyList<ScanParameters> Parameters(Tensor ssmInput, Tensor delta)
    {
        int heads = config.HeadCount, n = config.DState, each = heads / config.GroupCount;
        var a = weights.A.to(float64).cpu(); // [H]
        return [.. Enumerable.Range(0, config.GroupCount).Select(group => new ScanParameters(
            ssmInput.narrow(1, heads + (group * n), n).clone(),
            ssmInput.narrow(1, heads + Shared + (group * n), n).clone(),
            delta.narrow(1, group * each, each),
            a.narrow(0, group * each, each).unsqueeze(0).expand(n, each)))];
    }

    public override Tensor Differentiable(Tensor u, TorchOperations torch)
    {
        int e = config.DInner, width = config.ConvolutionWidth, heads = config.HeadCount;
        var projected = weights.InProjection.Differentiable(u); // [1, L, 2E + 2GN + H]
        var xbc = torch.DifferentiableConvolution(projected.narrow(2, e, width), weights.Convolution, weights.ConvolutionBias); // [1, L, E + 2GN]
        var delta = nn.functional.softplus(projected.narrow(2, e + width, heads) + weights.DeltaBias.clone(), 1, 20); // [1, L, H]
        if (config.DeltaMinimum > 0 || double.IsFinite(config.DeltaMaximum))
            delta = delta.clamp(config.DeltaMinimum, config.DeltaMaximum);
        // The scan reads an fp32 copy of this state and writes its end over it, which must not be what the first step is differentiated by.
        var inputs = Inputs(xbc, delta, zeros([1, config.DState, e], float64), null);
        var y = ChunkedSsd.Run(inputs with { A = weights.A.clone(), D = weights.D.clone() }, Chunk); // [1, L, E]
        return DifferentiableGate(y, nn.functional.silu(projected.narrow(2, 0, e)), torch);
    }

    public override Tensor DifferentiableGate(Tensor y, Tensor gate, TorchOperations torch) =>
        torch.GatedNorm(y, gate, weights.GatedNorm.clone(), config.NormEpsilon, config.NormGroups);

    private int Chunk => Math.Min(config.ChunkSize, ChunkedSsd.MostAtOnce);

    private SsdInputs Inputs(Tensor xbc, Tensor delta, Tensor state, Kernels.TokenSpans? spans) => new()
    {
        X = xbc.narrow(2, 0, config.DInner),
        Delta = delta,
        A = weights.A,
        B = xbc.narrow(2, config.DInner, Shared),
        C = xbc.narrow(2, config.DInner + Shared, Shared),
        D = weights.D,
        State = state,
        Groups = config.GroupCount,
        Spans = spans,
    };

    private Tensor Scan(Tensor xbc, Tensor delta, Tensor state, Pass pass)
    {
        var spans = pass.SpansAt(Layer, JoinOrder.Delta);
        if (Wants(Site.SsmState, pass))
            RecordStates(xbc, delta, state, spans, pass);
        return Operations.Ssd(Inputs(xbc, delta, state, spans), Chunk);
    }

    /// <summary>
    /// The states at the recorded positions, from a scan of their own that runs in pieces: chunks of other bounds round otherwise, and looking must not change what is computed.
    /// </summary>
    private void RecordStates(Tensor xbc, Tensor delta, Tensor state, Kernels.TokenSpans spans, Pass pass)
    {
        using var scope = NewDisposeScope();
        var running = state.clone();
        var states = new List<Tensor>();
        var from = 0;
        foreach (var to in StateEnds(pass, spans.Length))
        {
            Operations.Ssd(Inputs(xbc.narrow(1, from, to - from), delta.narrow(1, from, to - from), running, Slice(spans, from, to)), Chunk);
            states.Add(running.transpose(1, 2).contiguous().clone());
            from = to;
        }

        pass.Recorder!.Record(Layer, Site.SsmState, stack(states, 1));
    }
}
