using System.Runtime.Intrinsics;
using Sweep.Models.Kernels;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>The recurrence step by step: s ← exp(Δ·A)·s + Δ·B·h, y = Σ_n s·C + D·h.</summary>
internal static class SelectiveScan
{
    public static Tensor Reference(Tensor h, Tensor delta, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state, TokenSpans? spans)
    {
        using var scope = NewDisposeScope();
        var result = zeros_like(h);
        for (var t = 0; t < h.shape[1]; t++)
        {
            using var step = NewDisposeScope();
            var mask = zeros([h.shape[0], 1], h.dtype);
            for (var row = 0; row < h.shape[0]; row++)
                mask[row, 0] = spans is null || (t >= spans.Start[row] && t < spans.End[row]) ? 1f : 0f;
            mask = mask.to(h.device);
            var x = where(mask > 0, h.select(1, t), 0f); // [B, E]
            var dt = where(mask > 0, delta.select(1, t), 0f);
            var next = (dt.unsqueeze(2) * a).exp() * state + (dt * x).unsqueeze(2) * b.select(1, t).unsqueeze(1);
            state.copy_(where(mask.unsqueeze(2) > 0, next, state));
            var y = (state * c.select(1, t).unsqueeze(1)).sum(2) + d * x;
            result.select(1, t).copy_(where(mask > 0, y, 0f));
        }

        return result.MoveToOuterDisposeScope();
    }
}

internal readonly ref struct ScanInputs
{
    public required Tensor H { get; init; }
    public required Tensor Delta { get; init; }
    public bool DeltaIsActivated { get; init; }
    public required Tensor A { get; init; }
    public required Tensor B { get; init; }
    public required Tensor C { get; init; }
    public required Tensor D { get; init; }
    public required Tensor State { get; init; }
    public TokenSpans? Spans { get; init; }
}

/// <summary>The scan in one pass over memory: sixteen channels of a row at a time, their states in registers.</summary>
internal static unsafe class FusedScan
{
    private const int Lanes = 16;

    public static Tensor Run(in ScanInputs inputs)
    {
        var (rows, length, e, n) = ((int)inputs.H.shape[0], (int)inputs.H.shape[1], (int)inputs.H.shape[2], (int)inputs.A.shape[1]);
        var spans = inputs.Spans;
        var result = spans is null || spans.IsFull ? empty(rows, length, e) : zeros(rows, length, e);
        float* h = RowLoop.Values(inputs.H), delta = RowLoop.Values(inputs.Delta), a = RowLoop.Values(inputs.A), d = RowLoop.Values(inputs.D);
        float* b = RowLoop.Values(inputs.B), c = RowLoop.Values(inputs.C), state = RowLoop.Values(inputs.State), y = RowLoop.Values(result);
        long hRow = inputs.H.stride(0), hStep = inputs.H.stride(1), dRow = inputs.Delta.stride(0), dStep = inputs.Delta.stride(1);
        long bRow = inputs.B.stride(0), bStep = inputs.B.stride(1), cRow = inputs.C.stride(0), cStep = inputs.C.stride(1);
        var blocks = (e + Lanes - 1) / Lanes;
        RowLoop.Run(rows * blocks, 10L * length * Lanes * n, item =>
        {
            int row = item / blocks, first = item % blocks * Lanes, count = Math.Min(Lanes, e - first);
            int start = spans?.Start[row] ?? 0, end = spans?.End[row] ?? length;
            var kept = state + ((long)row * e + first) * n;
            var s = stackalloc Vector512<float>[n];
            var decay = stackalloc Vector512<float>[n];
            for (var i = 0; i < n; i++)
            {
                s[i] = Column(kept + i, n, count);
                decay[i] = Column(a + (long)first * n + i, n, count);
            }

            var skip = RowLoop.Load(d + first, count);
            for (var t = start; t < end; t++)
            {
                var x = RowLoop.Load(h + row * hRow + t * hStep + first, count);
                var step = RowLoop.Load(delta + row * dRow + t * dStep + first, count);
                float* bt = b + row * bRow + t * bStep, ct = c + row * cRow + t * cStep;
                var input = step * x;
                var sum = skip * x;
                for (var i = 0; i < n; i++)
                {
                    s[i] = Vector512.FusedMultiplyAdd(Elementwise.Exp(step * decay[i]), s[i], input * bt[i]);
                    sum = Vector512.FusedMultiplyAdd(s[i], Vector512.Create(ct[i]), sum);
                }

                RowLoop.Store(sum, y + ((long)row * length + t) * e + first, count);
            }

            for (var i = 0; i < n; i++)
            {
                for (var lane = 0; lane < count; lane++)
                    kept[lane * n + i] = s[i][lane];
            }
        });
        return result;
    }

    private static Vector512<float> Column(float* first, int stride, int count)
    {
        var values = stackalloc float[Lanes];
        for (var lane = 0; lane < Lanes; lane++)
            values[lane] = lane < count ? first[lane * stride] : 0;
        return Vector512.Load(values);
    }
}

/// <summary>Causal depthwise convolution, bias and SiLU, sixteen channels of a row at a time.</summary>
internal static unsafe class CausalConvolution
{
    private const int Lanes = 16;

    public static Tensor Run(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans? spans)
    {
        var (rows, length, e, taps) = ((int)h.shape[0], (int)h.shape[1], (int)h.shape[2], (int)weight.shape[1]);
        var result = spans is null || spans.IsFull ? empty(rows, length, e) : zeros(rows, length, e);
        float* from = RowLoop.Values(h), to = RowLoop.Values(result), w = RowLoop.Values(weight), kept = RowLoop.Values(state);
        var offsets = bias is null ? null : RowLoop.Values(bias);
        long hRow = h.stride(0), hStep = h.stride(1);
        var blocks = (e + Lanes - 1) / Lanes;
        RowLoop.Run(rows * blocks, 10L * length * Lanes, item =>
        {
            int row = item / blocks, first = item % blocks * Lanes, count = Math.Min(Lanes, e - first);
            int start = spans?.Start[row] ?? 0, end = spans?.End[row] ?? length;
            var own = kept + ((long)row * e + first) * taps;
            // window[k] is what tap k sees, oldest first.
            var window = stackalloc Vector512<float>[taps];
            var tap = stackalloc Vector512<float>[taps];
            var column = stackalloc float[Lanes];
            for (var k = 0; k < taps; k++)
            {
                for (var lane = 0; lane < count; lane++)
                    column[lane] = own[lane * taps + k];
                window[k] = RowLoop.Load(column, count);
                for (var lane = 0; lane < count; lane++)
                    column[lane] = w[(long)(first + lane) * taps + k];
                tap[k] = RowLoop.Load(column, count);
            }

            var offset = offsets is null ? Vector512<float>.Zero : RowLoop.Load(offsets + first, count);
            for (var t = start; t < end; t++)
            {
                for (var k = 1; k < taps; k++)
                    window[k - 1] = window[k];
                window[taps - 1] = RowLoop.Load(from + row * hRow + t * hStep + first, count);
                var sum = offset;
                for (var k = 0; k < taps; k++)
                    sum = Vector512.FusedMultiplyAdd(window[k], tap[k], sum);
                RowLoop.Store(Elementwise.Silu(sum), to + ((long)row * length + t) * e + first, count);
            }

            for (var k = 0; k < taps; k++)
            {
                for (var lane = 0; lane < count; lane++)
                    own[lane * taps + k] = window[k][lane];
            }
        });
        return result;
    }
}

internal static unsafe class RmsNorm
{
    public static Tensor Run(Tensor x, Tensor weight, double epsilon)
    {
        var result = empty(x.shape);
        var w = (int)x.shape[^1];
        float* from = RowLoop.Values(x), to = RowLoop.Values(result), scale = RowLoop.Values(weight);
        RowLoop.Run((int)(x.numel() / w), w, row =>
        {
            float* a = from + (long)row * w, b = to + (long)row * w;
            double sum = 0;
            for (var i = 0; i < w; i++)
                sum += (double)a[i] * a[i];
            var factor = (float)(1 / Math.Sqrt(sum / w + epsilon));
            for (var i = 0; i < w; i++)
                b[i] = a[i] * factor * scale[i];
        });
        return result;
    }
}
