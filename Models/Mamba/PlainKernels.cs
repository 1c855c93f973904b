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

/// <summary>The scan over (row, channel), vectors along the state.</summary>
internal static unsafe class FusedScan
{
    public static Tensor Run(in ScanInputs inputs)
    {
        var (rows, length, e, n) = ((int)inputs.H.shape[0], (int)inputs.H.shape[1], (int)inputs.H.shape[2], (int)inputs.A.shape[1]);
        var result = zeros(rows, length, e);
        float* h = RowLoop.Values(inputs.H), delta = RowLoop.Values(inputs.Delta), a = RowLoop.Values(inputs.A), d = RowLoop.Values(inputs.D);
        float* b = RowLoop.Values(inputs.B), c = RowLoop.Values(inputs.C), state = RowLoop.Values(inputs.State), y = RowLoop.Values(result);
        long hRow = inputs.H.stride(0), hStep = inputs.H.stride(1), dRow = inputs.Delta.stride(0), dStep = inputs.Delta.stride(1);
        long bRow = inputs.B.stride(0), bStep = inputs.B.stride(1), cRow = inputs.C.stride(0), cStep = inputs.C.stride(1);
        var spans = inputs.Spans;
        var vectors = (n + 15) / 16;
        const int Block = 16;
        var blocks = (e + Block - 1) / Block;
        RowLoop.Run(rows * blocks, (long)length * Block * n, item =>
        {
            int row = item / blocks, first = item % blocks * Block, last = Math.Min(first + Block, e);
            int start = spans?.Start[row] ?? 0, end = spans?.End[row] ?? length;
            // B and C of the row, padded with zeros to whole vectors.
            var bs = new Vector512<float>[(end - start) * vectors];
            var cs = new Vector512<float>[(end - start) * vectors];
            for (var t = start; t < end; t++)
            {
                for (var v = 0; v < vectors; v++)
                {
                    bs[(t - start) * vectors + v] = Load(b + row * bRow + t * bStep + v * 16, n - v * 16);
                    cs[(t - start) * vectors + v] = Load(c + row * cRow + t * cStep + v * 16, n - v * 16);
                }
            }

            var s = stackalloc Vector512<float>[vectors];
            var decay = stackalloc Vector512<float>[vectors];
            for (var channel = first; channel < last; channel++)
            {
                var kept = state + ((long)row * e + channel) * n;
                for (var v = 0; v < vectors; v++)
                {
                    s[v] = Load(kept + v * 16, n - v * 16);
                    decay[v] = Load(a + (long)channel * n + v * 16, n - v * 16);
                }

                for (var t = start; t < end; t++)
                {
                    var x = h[row * hRow + t * hStep + channel];
                    var dt = delta[row * dRow + t * dStep + channel];
                    var step = Vector512.Create(dt);
                    var input = Vector512.Create(dt * x);
                    var sum = Vector512<float>.Zero;
                    for (var v = 0; v < vectors; v++)
                    {
                        s[v] = Vector512.Exp(step * decay[v]) * s[v] + input * bs[(t - start) * vectors + v];
                        sum += s[v] * cs[(t - start) * vectors + v];
                    }

                    y[((long)row * length + t) * e + channel] = Vector512.Sum(sum) + d[channel] * x;
                }

                for (var v = 0; v < vectors; v++)
                    Store(s[v], kept + v * 16, n - v * 16);
            }
        });
        return result;
    }

    private static Vector512<float> Load(float* from, int count)
    {
        if (count >= 16)
            return Vector512.Load(from);
        var values = stackalloc float[16];
        for (var i = 0; i < 16; i++)
            values[i] = i < count ? from[i] : 0;
        return Vector512.Load(values);
    }

    private static void Store(Vector512<float> value, float* to, int count)
    {
        for (var i = 0; i < Math.Min(count, 16); i++)
            to[i] = value[i];
    }
}

/// <summary>Causal depthwise convolution, bias, SiLU; one row after the other.</summary>
internal static unsafe class CausalConvolution
{
    public static Tensor Run(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans? spans)
    {
        var (rows, length, e, taps) = ((int)h.shape[0], (int)h.shape[1], (int)h.shape[2], (int)weight.shape[1]);
        using var scope = NewDisposeScope();
        var result = zeros(rows, length, e);
        var transposed = weight.t().contiguous();
        float* from = RowLoop.Values(h), to = RowLoop.Values(result), w = RowLoop.Values(transposed), kept = RowLoop.Values(state);
        var offsets = bias is null ? null : RowLoop.Values(bias);
        long hRow = h.stride(0), hStep = h.stride(1);
        RowLoop.Run(rows, (long)length * e * taps, row =>
        {
            int start = spans?.Start[row] ?? 0, end = spans?.End[row] ?? length;
            // The inputs that the taps see: the kept ones and then the row's own.
            var inputs = new float[(taps + end - start) * e];
            for (var k = 0; k < taps; k++)
            {
                for (var channel = 0; channel < e; channel++)
                    inputs[k * e + channel] = kept[((long)row * e + channel) * taps + k];
            }

            for (var t = start; t < end; t++)
                new ReadOnlySpan<float>(from + row * hRow + t * hStep, e).CopyTo(inputs.AsSpan((taps + t - start) * e));
            fixed (float* window = inputs)
            {
                var rest = stackalloc float[16];
                for (var t = start; t < end; t++)
                {
                    var output = to + ((long)row * length + t) * e;
                    for (var channel = 0; channel < e; channel += 16)
                    {
                        var count = Math.Min(16, e - channel);
                        for (var lane = 0; lane < count; lane++)
                        {
                            var sum = offsets is null ? 0 : offsets[channel + lane];
                            for (var k = 0; k < taps; k++)
                                sum += w[k * e + channel + lane] * window[(t - start + 1 + k) * e + channel + lane];
                            rest[lane] = sum;
                        }

                        Elementwise.Silu(Vector512.Load(rest)).Store(rest);
                        new ReadOnlySpan<float>(rest, count).CopyTo(new(output + channel, count));
                    }
                }
            }

            for (var k = 0; k < taps; k++)
            {
                for (var channel = 0; channel < e; channel++)
                    kept[((long)row * e + channel) * taps + k] = inputs[(end - start + k) * e + channel];
            }
        });
        return result.MoveToOuterDisposeScope();
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
