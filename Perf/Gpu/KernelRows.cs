using Sweep.Models.Cuda;
using Sweep.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>Each kernel of a block of the 130m shape by itself, in bf16 at three sizes, with the bytes or products that it cannot do without.</summary>
internal static class KernelRows
{
    private const int Model = 768;
    private const int Inner = 1536;
    private const int States = 16;
    private const int Rank = 48;

    public static void Print(Device device)
    {
        foreach (var (rows, length) in ((int, int)[])[(64, 512), (1, 512), (64, 1), (1088, 1)])
            Print(device, rows, length);
    }

    private static void Print(Device device, int rows, int length)
    {
        using var scope = NewDisposeScope();
        var context = CudaContext.Of(device.index);
        context.Enter();
        var kernels = new CudaKernels(context, device, ScalarType.BFloat16, ScalarType.Float32);
        using var products = new MatrixProducts(context, device, tf32: false);
        var steps = new StepProducts(kernels, products, ScalarType.BFloat16);
        Tensor Half(params long[] shape) => randn(shape, dtype: ScalarType.BFloat16, device: device);
        Tensor Single(params long[] shape) => randn(shape, dtype: ScalarType.Float32, device: device);
        long positions = (long)rows * length, runs = rows * length > 4096 ? 20 : 200;
        var (r, m, w) = (Single(rows, length, Model), Half(rows, length, Model), Half(Model));
        var hz = Half(rows, length, 2 * Inner);
        var (h, raw, p) = (Half(rows, length, Inner), Half(rows, length, Inner), Half(rows, length, Rank + (2 * States)));
        var (convolution, ssm) = (zeros([rows, 4, Inner], ScalarType.BFloat16, device), zeros([rows, States, Inner], ScalarType.Float32, device));
        var (taps, bias, a, d) = (Half(4, Inner), Half(Inner), -rand([States, Inner], ScalarType.Float32, device) * 8, Single(Inner));
        raw.sub_(4);

        void Bytes(string name, double bytes, Action<DisposeScope> work) => Row(name, bytes / 1e9, "GB/s", work);
        void Flops(string name, int inputs, int outputs)
        {
            var (x, weight, y) = (Half(positions, inputs), Half(outputs, inputs), Half(positions, outputs));
            Row($"{name} {inputs} -> {outputs}", 2e-12 * positions * inputs * outputs, "TFLOP/s", _ => products.Multiply(x, weight, null, y));
            bool Few() => steps.TryMultiply(DevicePointer.Of(x), positions, inputs, DevicePointer.Of(weight), outputs, inputs, 0, DevicePointer.Of(y));
            if (CudaKernels.AreFew(rows, length) && Few())
                Row($"{name} {inputs} -> {outputs}, ours", 2e-12 * positions * inputs * outputs, "TFLOP/s", _ => Few());
        }

        Bytes("add + norm", positions * Model * (4.0 + 2 + 4 + 2), _ => kernels.Add(r, null, m, r, w, 1e-5, 0, null)!.Dispose());
        Flops("in_proj", Model, 2 * Inner);
        Bytes("convolution", (positions * Inner * 4.0) + (rows * 4.0 * Inner * 4), _ => kernels.Convolve(hz.narrow(2, 0, Inner), taps, bias, convolution, null).Dispose());
        Flops("x_proj", Inner, Rank + (2 * States));
        Flops("dt_proj", Rank, Inner);
        var inputs = new ScanInputs
        {
            H = h,
            Delta = raw,
            A = a,
            B = p.narrow(2, Rank, States),
            C = p.narrow(2, Rank + States, States),
            D = d,
            Z = hz.narrow(2, Inner, Inner),
            State = ssm,
        };
        Bytes("scan", (positions * Inner * 8.0) + (rows * 8.0 * States * Inner), _ => kernels.Scan(inputs, null).Dispose());
        Flops("out_proj", Inner, Model);
        if (length == 1)
        {
            Mixer();
            Head();
        }

        void Mixer()
        {
            var config = RandomModels.Config("130m");
            var (delta, bias, gated) = (Half(Inner, Rank), Half(Inner), Half(rows, Inner));
            var arguments = new MixerArguments
            {
                Input = DevicePointer.Of(hz),
                Projected = DevicePointer.Of(p),
                Delta = DevicePointer.Of(delta),
                DeltaBias = DevicePointer.Of(bias),
                A = DevicePointer.Of(a),
                D = DevicePointer.Of(d),
                State = DevicePointer.Of(inputs.State),
                Output = DevicePointer.Of(gated),
                Rows = rows,
                InputStep = 2 * Inner,
            };
            if (kernels.MixerShape(config) is not null)
                Bytes("dt_proj, scan and gate of a step", rows * Inner * (6.0 + (8 * States)), _ => kernels.Mixer("mixer_step", arguments, config));
        }

        void Head()
        {
            var (x, weight, y) = (Half(positions, Model), Half(50288, Model), Single(positions, 50288));
            Row($"head {Model} -> 50288", 2e-12 * positions * Model * 50288, "TFLOP/s", _ => products.Multiply(x, weight, null, y));
        }

        void Row(string name, double units, string unit, Action<DisposeScope> work)
        {
            var time = GpuClock.MeasureOnDevice(context, () => work(scope), (int)runs);
            GpuHarness.Row($"{name}, {rows} x {length}", time, units, unit);
        }
    }
}
