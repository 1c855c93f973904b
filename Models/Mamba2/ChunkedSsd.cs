using static TorchSharp.torch;

namespace Sweep.Models.Mamba2;

/// <summary>
/// SSD by matrix products (Dao and Gu 2024, section 6): inside a chunk of Q positions y = (C Bᵀ ∘ decay) · Δx, between chunks the state, decayed as a whole. Plain torch operations on any device;
/// the chunk need not divide the length, and autograd can follow all but the state's update.
/// </summary>
public static class ChunkedSsd
{
    /// <summary>Longer chunks multiply more than they save, and hold B · L · Q · H values at a time.</summary>
    public const int MostAtOnce = 64;

    /// <returns>y + D·x, [B, L, E], of x's dtype; computed in fp32, or fp64 where x is.</returns>
    public static Tensor Run(SsdInputs inputs, int chunk)
    {
        inputs.MustFit();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk);
        using var scope = NewDisposeScope();
        var dtype = inputs.X.dtype == float64 ? float64 : float32;
        long rows = inputs.Rows, length = inputs.Length, heads = inputs.Heads, g = inputs.Groups, n = inputs.States, e = inputs.Inner, p = e / heads, r = heads / g;
        var q = Math.Min(chunk, length);
        var chunks = (length + q - 1) / q;
        var mask = inputs.Spans?.ToMask(inputs.X.device).unsqueeze(2);                      // [B, L, 1]
        // A padded position has Δ = 0 and x = 0: it leaves the state as it is. So do the positions that fill up the last chunk.
        Tensor Chunks(Tensor tensor, params long[] last)
        {
            var values = tensor.to(dtype);
            values = mask is null ? values : where(mask, values, zeros_like(values));
            if (chunks * q != length)
                values = cat([values, zeros([rows, (chunks * q) - length, tensor.shape[2]], dtype, tensor.device)], 1);
            return values.reshape([rows, chunks, q, .. last]);
        }

        var delta = Chunks(inputs.Delta, heads);                                            // [B, c, Q, H]
        var x = Chunks(inputs.X, heads, p);                                                 // [B, c, Q, H, P]
        var b = Chunks(inputs.B, g, n).permute(0, 1, 3, 2, 4);                              // [B, c, G, Q, N]
        var c = Chunks(inputs.C, g, n).permute(0, 1, 3, 2, 4);                              // [B, c, G, Q, N]
        var (fed, poison) = Fed(delta.unsqueeze(4) * x);                                    // [B, c, Q, H, P]

        // log of the decay from the chunk's start; in fp64, because differences of long sums are taken.
        var log = (delta.to(float64) * inputs.A.to(float64)).cumsum(2).permute(0, 1, 3, 2); // [B, c, H, Q]
        var whole = log.narrow(3, q - 1, 1);                                                // [B, c, H, 1]
        var fromStart = log.exp().to(dtype);                                                // [B, c, H, Q]
        var toEnd = (whole - log).exp().to(dtype);                                          // [B, c, H, Q]

        // Within a chunk. What lies above the diagonal is replaced, not multiplied by 0: it may overflow.
        var causal = ones([q, q], dtype: @bool, device: inputs.X.device).tril();
        var apart = (log.unsqueeze(4) - log.unsqueeze(3)).masked_fill(causal.logical_not(), double.NegativeInfinity).exp().to(dtype); // [B, c, H, Q, Q]
        var products = c.matmul(b.transpose(3, 4)).unsqueeze(3);                            // [B, c, G, 1, Q, Q]
        var weights = (products * apart.view(rows, chunks, g, r, q, q)).masked_fill(causal.logical_not(), 0).view(rows, chunks, heads, q, q);
        var y = weights.matmul(fed.permute(0, 1, 3, 2, 4)).permute(0, 1, 3, 2, 4);          // [B, c, Q, H, P]

        // What each chunk adds to the state, all heads of a group in one product, and the states at the chunks' starts.
        var late = (fed * toEnd.permute(0, 1, 3, 2).unsqueeze(4)).view(rows, chunks, q, g, r * p).permute(0, 1, 3, 2, 4); // [B, c, G, Q, r·P]
        var added = b.transpose(3, 4).matmul(late);                                         // [B, c, G, N, r·P]
        var kept = whole.exp().to(dtype).expand(rows, chunks, heads, p).reshape(rows, chunks, g, 1, r * p);
        var s = inputs.State.to(dtype).view(rows, n, g, r * p).permute(0, 2, 1, 3);         // [B, G, N, r·P]
        var starts = new List<Tensor>();
        for (var index = 0; index < chunks; index++)
        {
            starts.Add(s);
            s = (kept.select(1, index) * s) + added.select(1, index);
        }

        var carried = c.matmul(stack(starts, 1)).permute(0, 1, 3, 2, 4).reshape(rows, chunks, q, heads, p); // [B, c, Q, H, P]
        y = y + (carried * fromStart.permute(0, 1, 3, 2).unsqueeze(4)) + poison + (inputs.D.to(dtype).view(heads, 1) * x);
        var ruined = poison.view(rows, chunks * q, g, r * p).narrow(1, (chunks * q) - 1, 1).view(rows, g, 1, r * p);
        inputs.State.copy_((s + ruined).permute(0, 2, 1, 3).reshape(rows, n, e));
        y = y.reshape(rows, chunks * q, e).narrow(1, 0, length);
        return (mask is null ? y : where(mask, y, zeros_like(y))).to(inputs.X.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Δx without what is not finite, and NaN from such a position on in its channel, 0 before. A product over a chunk multiplies later positions by 0, and 0 · ∞ would put the NaN before its cause.
    /// </summary>
    private static (Tensor Fed, Tensor Poison) Fed(Tensor values)
    {
        var isFinite = values.isfinite();
        var nothing = zeros_like(values);
        var poison = where(isFinite, nothing, full_like(values, double.NaN)).detach();
        var shape = values.shape;
        return (where(isFinite, values, nothing), poison.view(shape[0], shape[1] * shape[2], shape[3], shape[4]).cumsum(1).view(shape));
    }
}
