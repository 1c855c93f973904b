using System.Diagnostics;
using Sweep.Models.Kernels;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>Whether a device computes what it should: the scan kernel, compiled for it, against the oracle on the processor.</summary>
public static class KernelSelfTest
{
    /// <summary>Above this error a device is not to be used.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>max |a − b| / max |b| of outputs and states, and what compiling, loading and running took.</summary>
    /// <exception cref="CudaException">A library is missing, or a call failed.</exception>
    public static (double Error, TimeSpan Elapsed) Run(Device device)
    {
        const int rows = 3, length = 67, width = 96, states = 16;
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var clock = Stopwatch.StartNew();
        using var generator = new Generator(1);
        Tensor Random(params long[] shape) => randn(shape, generator: generator);
        var (h, raw, z, b, c, d) = (Random(rows, length, width), Random(rows, length, width), Random(rows, length, width), Random(rows, length, states), Random(rows, length, states), Random(width));
        var (a, state) = (-Random(width, states).square() * 4, Random(rows, width, states));
        var spans = new TokenSpans([0, 5, 2], [length, length, length - 9], length);
        var expectedState = state.clone();
        var expected = SelectiveScan.Reference(h, nn.functional.softplus(raw, 1, 20), a, b, c, d, expectedState, spans) * nn.functional.silu(z);

        var context = CudaContext.Of(device.index);
        context.Enter();
        using var tables = new DeviceTables(device);
        var found = state.transpose(1, 2).contiguous().to(device);
        var kernels = new CudaKernels(context, device, ScalarType.Float32, ScalarType.Float32);
        var y = kernels.Scan(
            new ScanInputs
            {
                H = h.to(device),
                Delta = raw.to(device),
                A = a.t().contiguous().to(device),
                B = b.to(device),
                C = c.to(device),
                D = d.to(device),
                Z = z.to(device),
                State = found,
            },
            tables.Spans(spans));
        var error = Math.Max(Error(expected, y), Error(expectedState, found.transpose(1, 2)));
        return (error, clock.Elapsed);
    }

    private static double Error(Tensor expected, Tensor found) => (found.cpu() - expected).abs().max().item<float>() / expected.abs().max().item<float>();
}
