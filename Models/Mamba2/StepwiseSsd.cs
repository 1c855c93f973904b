using static TorchSharp.torch;

namespace Sweep.Models.Mamba2;

/// <summary>SSD step by step in plain tensor operations: slow, obvious, any dtype and device. The oracle of the chunked forms.</summary>
public static class StepwiseSsd
{
    /// <returns>y + D·x, [B, L, E], of x's dtype; computed in fp32, or fp64 where x is.</returns>
    public static Tensor Run(SsdInputs inputs)
    {
        inputs.MustFit();
        using var scope = NewDisposeScope();
        var dtype = inputs.X.dtype == float64 ? float64 : float32;
        long rows = inputs.Rows, heads = inputs.Heads, groups = inputs.Groups, n = inputs.States, p = inputs.Inner / heads;
        var mask = inputs.Spans?.ToMask(inputs.X.device);                                   // [B, L]
        var (a, d) = (inputs.A.to(dtype), inputs.D.to(dtype).view(1, heads, 1));            // [H], [1, H, 1]
        var s = inputs.State.to(dtype).view(rows, n, heads, p).permute(0, 2, 1, 3);         // [B, H, N, P]
        var steps = new List<Tensor>();
        for (var t = 0; t < inputs.Length; t++)
        {
            Tensor At(Tensor tensor) => tensor.select(1, t).to(dtype);
            Tensor PerHead(Tensor grouped) => grouped.view(rows, groups, 1, n).expand(rows, groups, heads / groups, n).reshape(rows, heads, n);
            var x = At(inputs.X).view(rows, heads, p);                                      // [B, H, P]
            var delta = At(inputs.Delta);                                                   // [B, H]
            var (b, c) = (PerHead(At(inputs.B)), PerHead(At(inputs.C)));                    // [B, H, N]
            var decay = (delta * a).exp().view(rows, heads, 1, 1);
            var next = (decay * s) + (b.unsqueeze(3) * (delta.unsqueeze(2) * x).unsqueeze(2)); // [B, H, N, P]
            var y = (c.unsqueeze(3) * next).sum(2) + (d * x);                               // [B, H, P]
            if (mask is not null)
            {
                var real = mask.select(1, t).view(rows, 1, 1);
                next = where(real.unsqueeze(3), next, s);
                y = where(real, y, zeros_like(y));
            }

            s = next;
            steps.Add(y.reshape(rows, inputs.Inner));
        }

        inputs.State.copy_(s.permute(0, 2, 1, 3).reshape(rows, n, inputs.Inner));
        return stack(steps, 1).to(inputs.X.dtype).MoveToOuterDisposeScope();
    }
}
