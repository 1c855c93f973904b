using Sweep.Models.Kernels;
using Sweep.Models.Steering;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// One block of Mamba-1: x + out_proj(scan(conv(in_proj(norm(x)))) · SiLU(z)). Symbols: B rows, L positions, E = d_inner, N = d_state, R = dt_rank.
/// At each site, first the rows that join there are added, then interventions are written, then the activation is recorded.
/// </summary>
/// <param name="nextNorm">Weight of the next block's norm; null after the last.</param>
internal sealed class MambaBlock(MambaConfig config, MambaLayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer)
{
    /// <summary>
    /// Consumes x [B, L, d_model] and returns the block's output for the rows at its end, which may be x itself; both states are updated in place.
    /// </summary>
    public Tensor Run(Tensor x, Tensor convolutionState, Tensor ssmState, Pass pass)
    {
        if (operations.RunQuiet(layer, x, convolutionState, ssmState, pass))
            return x;
        using var scope = NewDisposeScope();
        var input = x;
        int e = config.DInner, n = config.DState, r = config.DtRank;

        x = Join(pass, JoinOrder.BlockInput, x);
        var residual = new Residual(x);
        At(Site.ResidualPre, JoinOrder.BlockInput, x, residual, pass);

        var u = Normalized(x, pass, scope); // [B, L, d_model]
        Record(Site.NormalizedInput, u, pass);
        var hz = operations.Linear(u, weights.InProjection); // [B, L, 2E]
        Record(Site.InProjection, hz, pass);
        var z = hz.narrow(2, e, e);
        var h = operations.Convolve(
            hz.narrow(2, 0, e), weights.Convolution, weights.ConvolutionBias, convolutionState, pass.SpansAt(layer, JoinOrder.BlockInput)); // [B, L, E]

        JoinAll(pass, JoinOrder.Convolution, residual, ref h, ref z);
        At(Site.Convolution, JoinOrder.Convolution, h, residual, pass);
        var (p, raw) = operations.Project(h, weights, r); // [B, L, R + 2N], [B, L, E]
        Record(Site.SsmInput, p, pass);
        var gated = pass.IsQuietBetween(layer, JoinOrder.Delta, JoinOrder.ScanOutput)
            ? operations.GatedScan(h, raw, weights.A, p.narrow(2, r, n), p.narrow(2, r + n, n), weights.D, z, ssmState, pass.SpansAt(layer, JoinOrder.Delta))
            : StepwiseScan(residual, h, z, p, raw, ssmState, pass); // [B, L, E]

        JoinAll(pass, JoinOrder.GatedOutput, residual, ref gated);
        At(Site.GatedOutput, JoinOrder.GatedOutput, gated, residual, pass);
        var m = operations.Linear(gated, weights.OutProjection); // [B, L, d_model]

        JoinAll(pass, JoinOrder.MixerOutput, residual, ref m);
        At(Site.MixerOutput, JoinOrder.MixerOutput, m, residual, pass);
        if (nextNorm is not null && pass.IsQuietAfter(layer))
        {
            var (sum, normal) = operations.AddAndNorm(residual.Values, residual.Rows, m, nextNorm, config.NormEpsilon, pass.SpansAt(layer, JoinOrder.BlockOutput), layer, pass);
            Record(Site.ResidualPost, sum, pass);
            pass.Normalized = normal is null ? null : (sum, normal.MoveToOuterDisposeScope());
            return ReferenceEquals(sum, input) ? input : sum.MoveToOuterDisposeScope();
        }

        // The residual stream is still needed where an intervention after the sum is measured against it.
        var output = residual.Rows is null && pass.SteeredAt(layer, Site.ResidualPost).Length == 0
            ? operations.AddInPlace(residual.Values, m)
            : operations.AddResidual(residual.Values, residual.Rows, m); // [B, L, d_model]

        JoinAll(pass, JoinOrder.BlockOutput, residual, ref output);
        At(Site.ResidualPost, JoinOrder.BlockOutput, output, residual, pass);
        operations.Watch(output, pass.SpansAt(layer, JoinOrder.BlockOutput), layer, pass);
        return ReferenceEquals(output, input) ? input : output.MoveToOuterDisposeScope();
    }

    /// <summary>The norm of the block's input, which the block before may have computed with its sum.</summary>
    private Tensor Normalized(Tensor x, Pass pass, DisposeScope scope)
    {
        if (pass.Normalized is var (source, normal) && ReferenceEquals(source, x))
        {
            pass.Normalized = null;
            scope.Attach(normal);
            return normal;
        }

        return operations.Norm(x, weights.Norm, config.NormEpsilon);
    }

    /// <summary>From Δ to the gated output with every site in between in sight.</summary>
    private Tensor StepwiseScan(Residual residual, Tensor h, Tensor z, Tensor p, Tensor raw, Tensor ssmState, Pass pass)
    {
        int n = config.DState, r = config.DtRank;
        var delta = operations.Softplus(raw); // [B, L, E]
        JoinAll(pass, JoinOrder.Delta, residual, ref h, ref z, ref p, ref delta);
        At(Site.Delta, JoinOrder.Delta, delta, residual, pass);
        var y = Scan(h, delta, p.narrow(2, r, n), p.narrow(2, r + n, n), ssmState, pass); // [B, L, E]

        JoinAll(pass, JoinOrder.ScanOutput, residual, ref y, ref z);
        At(Site.SsmOutput, JoinOrder.ScanOutput, y, residual, pass);
        var gate = operations.Silu(z); // [B, L, E]
        At(Site.Gate, JoinOrder.ScanOutput, gate, residual, pass);
        return operations.Multiply(y, gate); // [B, L, E]
    }

    private Tensor Scan(Tensor h, Tensor delta, Tensor b, Tensor c, Tensor state, Pass pass)
    {
        var spans = pass.SpansAt(layer, JoinOrder.Delta);
        if (pass.Recorder?.Wants(layer, Site.SsmState) != true)
            return operations.Scan(h, delta, weights.A, b, c, weights.D, state, spans);

        if (pass.Recorder.StatePositions.Any(position => position >= spans.Length))
            throw new ArgumentException($"SsmState is asked for at position {pass.Recorder.StatePositions[^1]} of a pass of {spans.Length} positions");

        // The scan runs in pieces that end at the recorded positions; the state between them is exactly the one it would carry anyway.
        var pieces = new List<Tensor>();
        var states = new List<Tensor>();
        var from = 0;
        foreach (var to in pass.Recorder.StatePositions.Select(position => position + 1).Append(spans.Length))
        {
            if (to > from)
            {
                Tensor Piece(Tensor tensor) => tensor.narrow(1, from, to - from);
                pieces.Add(operations.Scan(Piece(h), Piece(delta), weights.A, Piece(b), Piece(c), weights.D, state, Slice(spans, from, to)));
                from = to;
            }

            if (states.Count < pass.Recorder.StatePositions.Count)
                states.Add(state.transpose(1, 2).contiguous().clone());
        }

        pass.Recorder.Record(layer, Site.SsmState, stack(states, 1));
        return cat(pieces, 1);
    }

    private static TokenSpans Slice(TokenSpans spans, int from, int to)
    {
        int[] Clamp(ReadOnlySpan<int> bounds) => [.. bounds.ToArray().Select(bound => Math.Clamp(bound, from, to) - from)];
        return new(Clamp(spans.Start), Clamp(spans.End), to - from);
    }

    private Tensor Join(Pass pass, int order, Tensor x)
    {
        var sources = pass.JoiningAt(layer, order);
        return sources.Length == 0 ? x : operations.Gather(x, [.. Enumerable.Range(0, (int)x.shape[0]), .. sources]);
    }

    private void JoinAll(Pass pass, int order, Residual residual, ref Tensor a)
    {
        var sources = pass.JoiningAt(layer, order);
        if (sources.Length == 0)
            return;
        int[] rows = [.. Enumerable.Range(0, (int)a.shape[0]), .. sources];
        a = operations.Gather(a, rows);
        residual.Join(rows);
    }

    private void JoinAll(Pass pass, int order, Residual residual, ref Tensor a, ref Tensor b)
    {
        JoinAll(pass, order, residual, ref a);
        b = Join(pass, order, b);
    }

    private void JoinAll(Pass pass, int order, Residual residual, ref Tensor a, ref Tensor b, ref Tensor c, ref Tensor d)
    {
        JoinAll(pass, order, residual, ref a, ref b);
        c = Join(pass, order, c);
        d = Join(pass, order, d);
    }

    private void At(Site site, int order, Tensor activation, Residual residual, Pass pass)
    {
        if (pass.SteeredAt(layer, site).Length > 0)
            operations.Steer(activation, residual.Values, residual.Rows, pass.SpansAt(layer, order), layer, site, pass);
        Record(site, activation, pass);
    }

    private void Record(Site site, Tensor activation, Pass pass)
    {
        if (pass.Recorder?.Wants(layer, site) == true)
            pass.Recorder.Record(layer, site, activation);
    }

    /// <summary>The block's input, and which of its rows belongs to each present row: joined rows read their source's.</summary>
    private sealed class Residual(Tensor values)
    {
        public Tensor Values { get; } = values;

        public int[]? Rows { get; private set; }

        public void Join(int[] rows) => Rows = Rows is null ? rows : [.. rows.Select(row => Rows[row])];
    }
}
