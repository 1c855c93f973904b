using Sweep.Models.Kernels;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>A block's steps in plain torch: any device and dtype, slow, and the reference of the fast ones. Transcendental functions run in fp32 and round once.</summary>
internal sealed class TorchOperations : BlockOperations
{
    internal override Tensor Gather(Tensor source, IReadOnlyList<int> rows)
    {
        using var index = tensor([.. rows.Select(row => (long)row)], dtype: int64, device: source.device);
        return source.index_select(0, index);
    }

    internal override Tensor Norm(Tensor x, Tensor weight, double epsilon)
    {
        using var scope = NewDisposeScope();
        var values = x.to(weight.dtype).to(float32);
        var scale = (values.square().mean([-1], true) + epsilon).rsqrt();
        return ((values * scale).to(weight.dtype) * weight).MoveToOuterDisposeScope();
    }

    internal override Tensor Linear(Tensor x, LinearWeight weight)
    {
        using var scope = NewDisposeScope();
        var y = nn.functional.linear(x, weight.Matrix, weight.Bias);
        return y.narrow(-1, 0, weight.Outputs).MoveToOuterDisposeScope();
    }

    internal override Tensor Convolve(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans spans)
    {
        using var scope = NewDisposeScope();
        var result = zeros(h.shape, h.dtype, h.device);
        var taps = (int)weight.shape[0];
        for (var row = 0; row < spans.Rows; row++)
        {
            int start = spans.Start[row], length = spans.End[row] - start;
            if (length == 0)
                continue;
            var inputs = cat([state[row], h[row].narrow(0, start, length)], 0); // [K + length, E]
            var sum = bias is null ? zeros([length, h.shape[2]], float32, h.device) : bias.to(float32).expand(length, -1).clone();
            for (var tap = 0; tap < taps; tap++)
                sum.add_(inputs.narrow(0, tap + 1, length).to(float32) * weight.select(0, tap).to(float32));
            result[row].narrow(0, start, length).copy_(Silu(sum.to(h.dtype)));
            state[row].copy_(inputs.narrow(0, length, taps));
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>The convolution of one sequence from an empty state [1, L, channels], in operations that autograd can follow.</summary>
    internal Tensor DifferentiableConvolution(Tensor h, Tensor weight, Tensor? bias)
    {
        var (length, taps) = (h.shape[1], (int)weight.shape[0]);
        var padded = cat([zeros([1, taps - 1, h.shape[2]]), h], 1); // [1, K − 1 + L, channels]
        var exact = weight.clone().to(float32);
        var sum = Enumerable.Range(0, taps).Select(tap => padded.narrow(1, tap, length) * exact[tap]).Aggregate((left, right) => left + right); // [1, L, channels]
        return nn.functional.silu(bias is null ? sum : sum + bias.clone());
    }

    internal override Tensor Softplus(Tensor raw)
    {
        using var scope = NewDisposeScope();
        return nn.functional.softplus(raw.to(float32), 1, 20).to(raw.dtype).MoveToOuterDisposeScope();
    }

    internal override Tensor Scan(Tensor h, Tensor delta, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state, TokenSpans spans)
    {
        using var scope = NewDisposeScope();
        var y = SelectiveScan.Reference(h.to(float32), delta.to(float32), a.t(), b.to(float32), c.to(float32), d, state.transpose(1, 2), spans);
        return y.to(h.dtype).MoveToOuterDisposeScope();
    }

    internal override Tensor Silu(Tensor z)
    {
        using var scope = NewDisposeScope();
        return nn.functional.silu(z.to(float32)).to(z.dtype).MoveToOuterDisposeScope();
    }

    internal override Tensor Multiply(Tensor y, Tensor gate) => y * gate;

    internal override Tensor AddResidual(Tensor residual, IReadOnlyList<int>? rows, Tensor mixed)
    {
        using var scope = NewDisposeScope();
        return ((rows is null ? residual : Gather(residual, rows)) + mixed).MoveToOuterDisposeScope();
    }

    internal override Tensor AddInPlace(Tensor residual, Tensor mixed)
    {
        residual.add_(mixed);
        return residual;
    }

    internal override int[] FirstNonFinite(Tensor x, TokenSpans spans)
    {
        using var scope = NewDisposeScope();
        var broken = x.isfinite().all(2).logical_not().cpu().contiguous(); // [B, L]
        if (!broken.any().item<bool>())
            return [.. Enumerable.Repeat(-1, spans.Rows)];
        var flags = broken.data<bool>().ToArray();
        return [.. Enumerable.Range(0, spans.Rows).Select(row =>
        {
            var found = Array.IndexOf(flags, true, row * spans.Length + spans.Start[row], spans.End[row] - spans.Start[row]);
            return found < 0 ? -1 : found - row * spans.Length;
        })];
    }

    /// <summary>The row's span goes through an fp32 copy on the CPU: the value of the model's dtype, changed, and rounded to it again.</summary>
    internal override unsafe void Steer(Tensor x, Tensor residual, IReadOnlyList<int>? residualRows, TokenSpans spans, int layer, Site site, Pass pass)
    {
        foreach (var row in pass.SteeredAt(layer, site))
        {
            using var scope = NewDisposeScope();
            int start = spans.Start[row], length = spans.End[row] - start;
            var target = x[row].narrow(0, start, length);
            var values = target.to(float32).cpu().contiguous();
            var residuals = residual[residualRows?[row] ?? row].narrow(0, start, length).to(float32).cpu().contiguous();
            int width = (int)values.shape[1], residualWidth = (int)residuals.shape[1];
            RowSteerer.Apply(pass, layer, site, row, start, length, width, x.dtype, TensorView.Pointer(values), width, TensorView.Pointer(residuals), residualWidth, () =>
            {
                // Between two interventions of one site the value is the rounded one.
                target.copy_(values);
                values.copy_(target);
            });
        }
    }
}
