using Sweep.Models.Cuda;
using Sweep.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>Each kernel of a block of the 130m shape by itself, 64 x 512 and one token of 64 rows, in bf16, with the bytes or products that it cannot do without.</summary>
internal static class KernelRows
{
    private const int Rows = 64;
    private const int Model = 768;
    private const int Inner = 1536;
    private const int States = 16;
    private const int Rank = 48;

    public static void Print(Device device)
    {
        foreach (var length in (int[])[512, 1])
            Print(device, length);
    }

    private static void Print(Device device, int length)
    {
        using var scope = NewDisposeScope();
        var context = CudaContext.Of(device.index);
        context.Enter();
        var kernels = new CudaKernels(context, device, ScalarType.BFloat16, ScalarType.Float32);
        using var products = new MatrixProducts(context, device, tf32: false);
        Tensor Half(params long[] shape) => randn(shape, dtype: ScalarType.BFloat16, device: device);
        Tensor Single(params long[] shape) => randn(shape, dtype: ScalarType.Float32, device: device);
        long positions = (long)Rows * length, runs = length == 1 ? 200 : 20;
        var (r, m, w) = (Single(Rows, length, Model), Half(Rows, length, Model), Half(Model));
        var hz = Half(Rows, length, 2 * Inner);
        var (h, raw, p) = (Half(Rows, length, Inner), Half(Rows, length, Inner), Half(Rows, length, Rank + (2 * States)));
        var (convolution, ssm) = (zeros([Rows, 4, Inner], ScalarType.BFloat16, device), zeros([Rows, States, Inner], ScalarType.Float32, device));
        var (taps, bias, a, d) = (Half(4, Inner), Half(Inner), -rand([States, Inner], ScalarType.Float32, device) * 8, Single(Inner));
        raw.sub_(4);

        void Bytes(string name, double bytes, Action<DisposeScope> work) => Row(name, bytes / 1e9, "GB/s", work);
        void Flops(string name, int inputs, int outputs)
        {
            var (x, weight, y) = (Half(positions, inputs), Half(outputs, inputs), Half(positions, outputs));
            Row($"{name} {inputs} -> {outputs}", 2e-12 * positions * inputs * outputs, "TFLOP/s", _ => products.Multiply(x, weight, null, y));
        }

        Bytes("add + norm", positions * Model * (4.0 + 2 + 4 + 2), _ => kernels.Add(r, null, m, r, w, 1e-5, 0, null)!.Dispose());
        Flops("in_proj", Model, 2 * Inner);
        Bytes("convolution", (positions * Inner * 4.0) + (Rows * 4.0 * Inner * 4), _ => kernels.Convolve(hz.narrow(2, 0, Inner), taps, bias, convolution, null).Dispose());
        Flops("x_proj", Inner, Rank + (2 * States));
        Flops("dt_proj", Rank, Inner);
        var inputs = new ScanInputs
        {
            H = h, Delta = raw, A = a, B = p.narrow(2, Rank, States), C = p.narrow(2, Rank + States, States), D = d, Z = hz.narrow(2, Inner, Inner), State = ssm,
        };
        Bytes("scan", (positions * Inner * 8.0) + (Rows * 8.0 * States * Inner), _ => kernels.Scan(inputs, null).Dispose());
        Flops("out_proj", Inner, Model);

        void Row(string name, double units, string unit, Action<DisposeScope> work)
        {
            var time = GpuClock.MeasureMany(() => work(scope), (int)runs);
            GpuHarness.Row($"{name}, {Rows} x {length}", time, units, unit);
        }
    }
}
