using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Architectures;

/// <summary>
/// One block: x + out_proj(mixer(norm(x))), of which an architecture writes what lies between the norm and out_proj. Symbols: B rows, L positions, E = d_inner, N = d_state.
/// At each site, first the rows that join there are added, then interventions are written, then the activation is recorded.
/// </summary>
/// <param name="config">The model's.</param>
/// <param name="weights">Of this block.</param>
/// <param name="nextNorm">Weight of the next block's norm; null after the last.</param>
/// <param name="operations">The form of the steps.</param>
/// <param name="layer">0-based.</param>
internal abstract class Block(ModelConfig config, LayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer)
{
    public LayerWeights Weights => weights;

    protected int Layer => layer;

    protected BlockOperations Operations => operations;

    /// <summary>
    /// Consumes x [B, L, d_model] and returns the block's output for the rows at its end, which may be x itself; both states are updated in place.
    /// </summary>
    public Tensor Run(Tensor x, Tensor convolutionState, Tensor ssmState, Pass pass)
    {
        if (operations.RunQuiet(layer, x, convolutionState, ssmState, pass))
            return x;
        using var scope = NewDisposeScope();
        var input = x;
        x = Join(pass, JoinOrder.BlockInput, x);
        var residual = new Residual(x);
        At(Site.ResidualPre, JoinOrder.BlockInput, x, residual, pass);

        var u = Normalized(x, pass, scope); // [B, L, d_model]
        Record(Site.NormalizedInput, u, pass);
        var gated = Mix(u, residual, convolutionState, ssmState, pass); // [B, L, E]

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

    /// <summary>What the scan weighs the past by, as recorded at <see cref="Site.SsmInput"/> and <see cref="Site.Delta"/> over one text [L, width], in double.</summary>
    public abstract IReadOnlyList<ScanParameters> Parameters(Tensor ssmInput, Tensor delta);

    /// <summary>From the block's norm to out_proj's input, for one sequence [1, L, d_model] → [1, L, E], in operations that autograd can follow.</summary>
    public abstract Tensor Differentiable(Tensor u, TorchOperations torch);

    /// <summary>From the scan's output and SiLU(z) to out_proj's input, likewise.</summary>
    public abstract Tensor DifferentiableGate(Tensor y, Tensor gate, TorchOperations torch);

    /// <summary>The whole mixer with its norm, likewise: [1, L, d_model] → [1, L, d_model].</summary>
    public Tensor DifferentiableMixer(Tensor x, TorchOperations torch) =>
        weights.OutProjection.Differentiable(Differentiable(torch.Norm(x, weights.Norm.clone(), config.NormEpsilon), torch));

    /// <summary>The mixer between the block's norm and <see cref="Site.GatedOutput"/>, whose rows join after it.</summary>
    protected abstract Tensor Mix(Tensor u, Residual residual, Tensor convolutionState, Tensor ssmState, Pass pass);

    /// <summary>The spans of positions [from, to).</summary>
    protected static TokenSpans Slice(TokenSpans spans, int from, int to)
    {
        int[] Clamp(ReadOnlySpan<int> bounds) => [.. bounds.ToArray().Select(bound => Math.Clamp(bound, from, to) - from)];
        return new(Clamp(spans.Start), Clamp(spans.End), to - from);
    }

    /// <summary>The positions after which <see cref="Site.SsmState"/> is wanted, each plus one; the end of the pass follows them.</summary>
    protected static IReadOnlyList<int> StateEnds(Pass pass, int length) =>
        pass.Recorder!.StatePositions.Any(position => position >= length)
            ? throw new ArgumentException($"SsmState is asked for at position {pass.Recorder.StatePositions[^1]} of a pass of {length} positions")
            : [.. pass.Recorder.StatePositions.Select(position => position + 1)];

    protected Tensor Join(Pass pass, int order, Tensor x)
    {
        var sources = pass.JoiningAt(layer, order);
        return sources.Length == 0 ? x : operations.Gather(x, [.. Enumerable.Range(0, (int)x.shape[0]), .. sources]);
    }

    protected void JoinAll(Pass pass, int order, Residual residual, ref Tensor a)
    {
        var sources = pass.JoiningAt(layer, order);
        if (sources.Length == 0)
            return;
        int[] rows = [.. Enumerable.Range(0, (int)a.shape[0]), .. sources];
        a = operations.Gather(a, rows);
        residual.Join(rows);
    }

    protected void JoinAll(Pass pass, int order, Residual residual, ref Tensor a, ref Tensor b)
    {
        JoinAll(pass, order, residual, ref a);
        b = Join(pass, order, b);
    }

    protected void JoinAll(Pass pass, int order, Residual residual, ref Tensor a, ref Tensor b, ref Tensor c)
    {
        JoinAll(pass, order, residual, ref a, ref b);
        c = Join(pass, order, c);
    }

    protected void JoinAll(Pass pass, int order, Residual residual, ref Tensor a, ref Tensor b, ref Tensor c, ref Tensor d)
    {
        JoinAll(pass, order, residual, ref a, ref b, ref c);
        d = Join(pass, order, d);
    }

    protected void At(Site site, int order, Tensor activation, Residual residual, Pass pass)
    {
        if (pass.SteeredAt(layer, site).Length > 0)
            operations.Steer(activation, residual.Values, residual.Rows, pass.SpansAt(layer, order), layer, site, pass);
        Record(site, activation, pass);
    }

    protected void Record(Site site, Tensor activation, Pass pass)
    {
        if (Wants(site, pass))
            pass.Recorder!.Record(layer, site, activation);
    }

    protected bool Wants(Site site, Pass pass) => pass.Recorder?.Wants(layer, site) == true;

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

    /// <summary>The block's input, and which of its rows belongs to each present row: joined rows read their source's.</summary>
    protected sealed class Residual(Tensor values)
    {
        public Tensor Values { get; } = values;

        public int[]? Rows { get; private set; }

        public void Join(int[] rows) => Rows = Rows is null ? rows : [.. rows.Select(row => Rows[row])];
    }
}

/// <summary>
/// Channels of a scan that read the same B and C, in double: s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t h_t, y_t = C_t s_t. Channels that share Δ and A too are one here.
/// </summary>
/// <param name="B">[L, N].</param>
/// <param name="C">[L, N].</param>
/// <param name="Delta">[L, channels].</param>
/// <param name="A">[N, channels].</param>
internal sealed record ScanParameters(Tensor B, Tensor C, Tensor Delta, Tensor A);
