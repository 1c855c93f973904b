using static TorchSharp.torch;

namespace Sweep.Models.Kernels;

/// <summary>The selective scan, step by step in plain tensor operations: slow, obvious, any dtype and device. The oracle of every fast kernel.</summary>
public static class SelectiveScan
{
    /// <summary>
    /// s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t h_t; y_t = C_t s_t + D h_t (method.md 8.1, steps 8 and 9, computed in fp32).
    /// </summary>
    /// <param name="h">[B, L, E], after convolution and SiLU.</param>
    /// <param name="delta">[B, L, E], after softplus.</param>
    /// <param name="a">[E, N], −exp(A_log).</param>
    /// <param name="b">[B, L, N].</param>
    /// <param name="c">[B, L, N].</param>
    /// <param name="d">[E].</param>
    /// <param name="state">[B, E, N], updated in place.</param>
    /// <param name="spans">Real positions of each row; null: all. Padded steps leave the state alone and return 0.</param>
    /// <returns>y, [B, L, E], of h's dtype.</returns>
    public static Tensor Reference(Tensor h, Tensor delta, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state, TokenSpans? spans = null)
    {
        using var scope = NewDisposeScope();
        var length = h.shape[1];
        var mask = spans is null ? null : spans.ToMask(h.device);                    // [B, L]
        var steps = new List<Tensor>();
        var s = state.to(ScalarType.Float32);
        var a32 = a.to(ScalarType.Float32);
        for (var t = 0; t < length; t++)
        {
            var ht = h[TensorIndex.Colon, t].to(ScalarType.Float32);                 // [B, E]
            var dt = delta[TensorIndex.Colon, t].to(ScalarType.Float32);             // [B, E]
            var bt = b[TensorIndex.Colon, t].to(ScalarType.Float32);                 // [B, N]
            var ct = c[TensorIndex.Colon, t].to(ScalarType.Float32);                 // [B, N]
            var next = (exp(dt.unsqueeze(-1) * a32) * s) + ((dt * ht).unsqueeze(-1) * bt.unsqueeze(1)); // [B, E, N]
            var y = (next * ct.unsqueeze(1)).sum(-1) + (d.to(ScalarType.Float32) * ht); // [B, E]
            if (mask is not null)
            {
                var real = mask[TensorIndex.Colon, t].unsqueeze(-1);                 // [B, 1]
                next = where(real.unsqueeze(-1), next, s);
                y = where(real, y, zeros_like(y));
            }

            s = next;
            steps.Add(y);
        }

        state.copy_(s);
        return stack(steps, 1).to(h.dtype).MoveToOuterDisposeScope();
    }
}
