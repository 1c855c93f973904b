using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Sweep.Models.Kernels;

/// <summary>The depthwise causal convolution of a mixer and the SiLU after it.</summary>
public static unsafe class CausalConvolution
{
    private const int Lanes = VectorMath.Lanes;

    /// <summary>SiLU(Σ_j w_j ⊙ h_{t−K+1+j} + bias); what comes before a row's span comes from the state.</summary>
    /// <param name="h">[B, L, E] fp32 CPU, last axis contiguous.</param>
    /// <param name="weight">Transposed, [K, E].</param>
    /// <param name="bias">[E] or null.</param>
    /// <param name="state">Channel-last: [B, K, E], contiguous: the last K inputs, oldest first; updated in place.</param>
    /// <param name="spans">Null: no padding.</param>
    /// <returns>[B, L, E]; padded positions are 0.</returns>
    /// <exception cref="ArgumentException">A tensor is not fp32 on the CPU, or has another shape or strides.</exception>
    public static Tensor Run(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans? spans = null)
    {
        var input = TensorView.Of(h, 3, nameof(h));
        var (rows, length, width) = ((int)input.Shape[0], (int)input.Shape[1], input.Width);
        var kernel = (int)weight.shape[0];
        var taps = TensorView.Of(weight, nameof(weight), kernel, width);
        var offset = bias is null ? (TensorView?)null : TensorView.Of(bias, nameof(bias), width);
        var memory = TensorView.Of(state, nameof(state), rows, kernel, width);
        if (!state.is_contiguous())
            throw new ArgumentException("state: expected a contiguous tensor, for it is updated in place");
        spans?.MustFit(rows, length);
        var output = empty(new long[] { rows, length, width }, ScalarType.Float32);
        if (rows == 0 || length == 0)
            return output;
        var target = TensorView.Of(output, 3, nameof(output));
        var blocks = (width + Lanes - 1) / Lanes;
        KernelThreads.For(rows * blocks, (long)length * Lanes * (kernel + 4), piece =>
        {
            var channel = piece % blocks * Lanes;
            Block(piece / blocks, channel, Math.Min(Lanes, width - channel));
        });
        GC.KeepAlive(h);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        GC.KeepAlive(state);
        return output;

        void Block(int row, int channel, int count)
        {
            var w = stackalloc Vector512<float>[kernel];
            var window = stackalloc Vector512<float>[kernel];
            for (var j = 0; j < kernel; j++)
            {
                w[j] = VectorMath.Load(taps.At(j) + channel, count);
                window[j] = VectorMath.Load(memory.At(row, j) + channel, count);
            }

            var b = offset is { } view ? VectorMath.Load(view.Data + channel, count) : Vector512<float>.Zero;
            var start = spans?.Start[row] ?? 0;
            var end = spans?.End[row] ?? length;
            for (var t = 0; t < start; t++)
                VectorMath.Store(Vector512<float>.Zero, target.At(row, t) + channel, count);
            for (var t = end; t < length; t++)
                VectorMath.Store(Vector512<float>.Zero, target.At(row, t) + channel, count);
            for (var t = start; t < end; t++)
            {
                for (var j = 0; j + 1 < kernel; j++)
                    window[j] = window[j + 1];
                window[kernel - 1] = VectorMath.Load(input.At(row, t) + channel, count);
                var sum = b;
                for (var j = 0; j < kernel; j++)
                    sum = Vector512.FusedMultiplyAdd(w[j], window[j], sum);
                VectorMath.Store(VectorMath.SiLU(sum), target.At(row, t) + channel, count);
            }

            for (var j = 0; j < kernel; j++)
                VectorMath.Store(window[j], memory.At(row, j) + channel, count);
        }
    }

    /// <summary>The same in plain tensor operations, any dtype and device, for a padded batch: h [B, L, E], weight [E, K], state [B, E, K].</summary>
    public static Tensor Reference(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans? spans = null)
    {
        using var scope = NewDisposeScope();
        var mask = spans?.ToMask(h.device);                                          // [B, L]
        var window = state.clone();                                                  // [B, E, K]
        var steps = new List<Tensor>();
        for (var t = 0; t < h.shape[1]; t++)
        {
            var next = cat([window[TensorIndex.Colon, TensorIndex.Colon, 1..], h[TensorIndex.Colon, t].unsqueeze(-1)], -1); // [B, E, K]
            var sum = (next * weight).sum(-1);                                       // [B, E]
            var y = nn.functional.silu(bias is null ? sum : sum + bias);
            if (mask is not null)
            {
                var real = mask[TensorIndex.Colon, t].unsqueeze(-1);
                next = where(real.unsqueeze(-1), next, window);
                y = where(real, y, zeros_like(y));
            }

            window = next;
            steps.Add(y);
        }

        state.copy_(window);
        return stack(steps, 1).MoveToOuterDisposeScope();
    }
}
