using System.Runtime.InteropServices;
using Sweep.Models.Cuda;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// What kernels found out while a pass ran: where rows left the finite numbers and what interventions did. It stays on the device until the pass is over, so that no layer waits for the host.
/// </summary>
internal sealed class CudaPassLog : IDisposable
{
    private const int Nothing = int.MaxValue;
    private readonly List<Measured> _measured = [];
    private readonly Tensor _watch; // [layers, rows]
    private readonly int _rows;

    public CudaPassLog(CudaKernels kernels, int layers, int rows)
        : this(kernels.New([layers, rows], ScalarType.Int32)) => Clear(_watch, kernels.Context);

    /// <param name="watch">[layers, rows], the log's from now on.</param>
    public CudaPassLog(Tensor watch) => (_watch, _rows) = (watch.DetachFromDisposeScope(), (int)watch.shape[1]);

    /// <summary>Where a row's only position in the last layer lies; null: all were computed there.</summary>
    public int[]? LastPositions { get; set; }

    /// <summary>The layer's first row; a kernel lowers it to the first position that is not finite.</summary>
    public nint Watch(int layer) => DevicePointer.Of(_watch) + (nint)layer * _rows * sizeof(int);

    /// <summary>Nothing was found out yet.</summary>
    public static void Clear(Tensor watch, CudaContext context) =>
        CudaDriverApi.Check(CudaDriverApi.MemsetD32(DevicePointer.Of(watch), Nothing, (nuint)watch.numel(), context.Stream), "cuMemsetD32Async");

    /// <summary>Interventions of one site whose effects are measured in these tensors, which the log keeps.</summary>
    public void Add(int layer, Touch[] touches, (InterventionMeter? Meter, int Row)[] meters, Tensor measured, Tensor flags) =>
        _measured.Add(new(layer, touches, meters, measured.DetachFromDisposeScope(), flags.DetachFromDisposeScope()));

    /// <summary>Waits for the pass and tells it and its rows' meters.</summary>
    public void Tell(Pass pass)
    {
        using var scope = NewDisposeScope();
        using var home = _watch.cpu();
        var watch = MemoryMarshal.Cast<byte, int>(home.bytes);
        for (var i = watch.IndexOfAnyExcept(Nothing); i >= 0 && i < watch.Length; i++)
        {
            if (watch[i] != Nothing)
                pass.NoteDivergence(i % _rows, i / _rows, LastPositions is { } positions && i >= watch.Length - _rows ? positions[i % _rows] : watch[i]);
        }

        foreach (var site in _measured)
            site.Tell();
    }

    public void Dispose()
    {
        _watch.Dispose();
        foreach (var site in _measured)
        {
            site.Values.Dispose();
            site.Flags.Dispose();
        }

        _measured.Clear();
    }

    private sealed record Measured(int Layer, Touch[] Touches, (InterventionMeter? Meter, int Row)[] Meters, Tensor Values, Tensor Flags)
    {
        public void Tell()
        {
            using var valuesHome = Values.cpu();
            using var flagsHome = Flags.cpu();
            var values = MemoryMarshal.Cast<byte, double>(valuesHome.bytes);
            var flags = flagsHome.bytes;
            for (var i = 0; i < Touches.Length; i++)
            {
                if (Meters[i].Meter is not { } meter)
                    continue;
                var touch = Touches[i];
                meter.Touch(Layer, touch.From, flags.Slice(touch.Flags, touch.To - touch.From));
                if (touch.PromptTo > touch.From)
                    meter.Measure(values.Slice(i * SteeringKernels.Figures, SteeringKernels.Figures));
            }
        }
    }
}
