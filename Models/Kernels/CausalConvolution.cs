using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Sweep.Models.Kernels;

/// <summary>The depthwise causal convolution of a mixer and the SiLU after it.</summary>
public static unsafe class CausalConvolution
{
    private const int Lanes = VectorMath.Lanes;

    /// <summary>SiLU(Σ_j w_j ⊙ h_{t−K+1+j} + bias); what comes before a sequence comes from its state.</summary>
    /// <param name="h">[T, E] fp32 CPU, last axis contiguous.</param>
    /// <param name="weight">Transposed, [K, E].</param>
    /// <param name="bias">[E] or null.</param>
    /// <param name="state">One a sequence, channel-last: [S, K, E], contiguous: the last K inputs, oldest first; updated in place.</param>
    /// <param name="segments">The sequences.</param>
    /// <returns>[T, E].</returns>
    public static Tensor Run(Tensor h, Tensor weight, Tensor? bias, Tensor state, Segments segments)
    {
        var input = TensorView.Of(h, 2, nameof(h));
        var taps = TensorView.Of(weight, 2, nameof(weight));
        var offset = bias is null ? (TensorView?)null : TensorView.Of(bias, 1, nameof(bias));
        var memory = TensorView.Of(state, 3, nameof(state));
        var width = input.Width;
        var kernel = (int)taps.Shape[0];
        var output = empty(new long[] { segments.Tokens, width }, ScalarType.Float32);
        if (segments.Tokens == 0)
            return output;
        if (!state.is_contiguous())
            throw new ArgumentException("state: expected a contiguous tensor, for it is updated in place");
        var target = TensorView.Of(output, 2, nameof(output));
        var blocks = (width + Lanes - 1) / Lanes;
        KernelThreads.For(segments.Count * blocks, (long)segments.Tokens * Lanes * (kernel + 4) / segments.Count, piece =>
        {
            var channel = piece % blocks * Lanes;
            Block(piece / blocks, channel, Math.Min(Lanes, width - channel));
        });
        GC.KeepAlive(h);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        GC.KeepAlive(state);
        return output;

        void Block(int sequence, int channel, int count)
        {
            var w = stackalloc Vector512<float>[kernel];
            var window = stackalloc Vector512<float>[kernel];
            for (var j = 0; j < kernel; j++)
            {
                w[j] = VectorMath.Load(taps.At(j) + channel, count);
                window[j] = VectorMath.Load(memory.At(sequence, j) + channel, count);
            }

            var b = offset is { } view ? VectorMath.Load(view.Data + channel, count) : Vector512<float>.Zero;
            var end = segments.End(sequence);
            for (var t = segments.Start(sequence); t < end; t++)
            {
                for (var j = 0; j + 1 < kernel; j++)
                    window[j] = window[j + 1];
                window[kernel - 1] = VectorMath.Load(input.At(t) + channel, count);
                var sum = b;
                for (var j = 0; j < kernel; j++)
                    sum = Vector512.FusedMultiplyAdd(w[j], window[j], sum);
                VectorMath.Store(VectorMath.SiLU(sum), target.At(t) + channel, count);
            }

            for (var j = 0; j < kernel; j++)
                VectorMath.Store(window[j], memory.At(sequence, j) + channel, count);
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
