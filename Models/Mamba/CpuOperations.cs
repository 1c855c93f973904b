using Sweep.Models.Kernels;
using Sweep.Models.Mamba2;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// A block's steps for fp32 on the CPU. A row's bits depend on the row alone: matmuls never have fewer than 16 rows nor outputs that are no
/// multiple of 16, everything else is computed row by row in a fixed order.
/// </summary>
internal sealed unsafe class CpuOperations : BlockOperations
{
    private const int SmallestMatmul = 16;

    internal override Tensor Gather(Tensor source, IReadOnlyList<int> rows)
    {
        var shape = source.shape;
        shape[0] = rows.Count;
        var result = empty(shape);
        // [rows, M, W] with a contiguous last axis; a tensor of two axes is M = 1.
        var three = shape.Length == 3;
        long m = three ? shape[1] : 1, w = shape[^1], sourceRow = source.stride(0), sourceStep = three ? source.stride(1) : 0;
        float* from = TensorView.Pointer(source), to = TensorView.Pointer(result);
        KernelThreads.For(rows.Count, m * w, row =>
        {
            float* a = from + rows[row] * sourceRow, b = to + row * m * w;
            if (sourceStep == w || m == 1)
            {
                Buffer.MemoryCopy(a, b, m * w * sizeof(float), m * w * sizeof(float));
                return;
            }

            for (long i = 0; i < m; i++)
                Buffer.MemoryCopy(a + i * sourceStep, b + i * w, w * sizeof(float), w * sizeof(float));
        });
        return result;
    }

    internal override Tensor Norm(Tensor x, Tensor weight, double epsilon) => RmsNorm.Run(x, weight, epsilon);

    internal override Tensor Linear(Tensor x, LinearWeight weight)
    {
        using var scope = NewDisposeScope();
        var shape = x.shape;
        var inputs = shape[^1];
        var flat = x.contiguous().view(-1, inputs);
        var rows = flat.shape[0];
        if (rows < SmallestMatmul)
        {
            var padded = zeros(SmallestMatmul, inputs);
            padded.narrow(0, 0, rows).copy_(flat);
            flat = padded;
        }

        var y = nn.functional.linear(flat, weight.Matrix, weight.Bias);
        if (flat.shape[0] != rows)
            y = y.narrow(0, 0, rows);
        if (y.shape[1] != weight.Outputs)
            y = y.narrow(1, 0, weight.Outputs);
        shape[^1] = weight.Outputs;
        return y.reshape(shape).MoveToOuterDisposeScope();
    }

    internal override Tensor Convolve(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans spans) =>
        CausalConvolution.Run(h, weight, bias, state, spans);

    internal override Tensor Softplus(Tensor raw) => Elementwise.Softplus(raw);

    internal override Tensor Scan(Tensor h, Tensor delta, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state, TokenSpans spans) =>
        FusedScan.Run(new ScanInputs { H = h, Delta = delta, DeltaIsActivated = true, A = a, B = b, C = c, D = d, State = state, Spans = spans });

    internal override Tensor GatedScan(Tensor h, Tensor raw, Tensor a, Tensor b, Tensor c, Tensor d, Tensor z, Tensor state, TokenSpans spans) =>
        FusedScan.Run(new ScanInputs { H = h, Delta = raw, A = a, B = b, C = c, D = d, Z = z, State = state, Spans = spans });

    internal override Tensor Ssd(SsdInputs inputs, int chunk) => FusedSsd.Run(inputs);

    internal override Tensor PlainNorm(Tensor x, double epsilon)
    {
        using var weight = ones(x.shape[^1]);
        return RmsNorm.Run(x, weight, epsilon);
    }

    internal override Tensor GatedNorm(Tensor y, Tensor gate, Tensor weight, double epsilon, int groups)
    {
        using var scope = NewDisposeScope();
        var product = y.mul_(gate);
        if (groups == 1)
            return RmsNorm.Run(product, weight, epsilon).MoveToOuterDisposeScope();
        var width = product.shape[^1] / groups;
        return PlainNorm(product.reshape(-1, width), epsilon).reshape(y.shape).mul_(weight).MoveToOuterDisposeScope();
    }

    internal override Tensor Silu(Tensor z) => Elementwise.SiLU(z);

    internal override Tensor Multiply(Tensor y, Tensor gate) => y.mul_(gate);

    internal override Tensor AddResidual(Tensor residual, IReadOnlyList<int>? rows, Tensor mixed)
    {
        using var scope = NewDisposeScope();
        var m = mixed.contiguous();
        var values = m.shape[1] * m.shape[2];
        float* r = TensorView.Pointer(residual), x = TensorView.Pointer(m);
        KernelThreads.For((int)m.shape[0], values, row =>
        {
            ReadOnlySpan<float> from = new(r + (rows?[row] ?? row) * values, (int)values);
            Elementwise.AddTo(new(x + row * values, (int)values), from);
        });
        return m.MoveToOuterDisposeScope();
    }

    internal override Tensor AddInPlace(Tensor residual, Tensor mixed)
    {
        using var m = mixed.contiguous();
        var values = m.shape[1] * m.shape[2];
        float* r = TensorView.Pointer(residual), x = TensorView.Pointer(m);
        KernelThreads.For((int)m.shape[0], values, row => Elementwise.AddTo(new(r + row * values, (int)values), new(x + row * values, (int)values)));
        return residual;
    }

    internal override int[] FirstNonFinite(Tensor x, TokenSpans spans)
    {
        var result = new int[spans.Rows];
        int width = (int)x.shape[2], length = spans.Length;
        var values = TensorView.Pointer(x);
        KernelThreads.For(spans.Rows, (long)length * width, row =>
        {
            int start = spans.Start[row], end = spans.End[row];
            var first = values + (long)row * length * width;
            result[row] = -1;
            if (FiniteNumbers.All(first + (long)start * width, (end - start) * width))
                return;
            result[row] = start;
            while (FiniteNumbers.All(first + (long)result[row] * width, width))
                result[row]++;
        });
        return result;
    }

    internal override void Steer(Tensor x, Tensor residual, IReadOnlyList<int>? residualRows, TokenSpans spans, int layer, Site site, Pass pass)
    {
        var rows = pass.SteeredAt(layer, site).ToArray();
        int width = (int)x.shape[2], residualWidth = (int)residual.shape[2];
        long rowStride = x.stride(0), stride = x.stride(1), residualRow = residual.stride(0);
        float* values = TensorView.Pointer(x), residuals = TensorView.Pointer(residual);
        KernelThreads.For(rows.Length, (long)spans.Length * width, i =>
        {
            var row = rows[i];
            int start = spans.Start[row], length = spans.End[row] - start;
            RowSteerer.Apply(
                pass, layer, site, row, start, length, width, ScalarType.Float32, values + row * rowStride + start * stride, stride,
                residuals + (residualRows?[row] ?? row) * residualRow + (long)start * residualWidth, residualWidth, null);
        });
    }
}
