using Sweep.Models.Cuda;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// Blocks that nobody looks into, on addresses in one piece of scratch memory that every layer uses again: eight launches a block, five where a step is few rows, and no tensor, so that the host keeps ahead of the device at
/// small sizes, and a graph can hold the whole of it. Symbols as in <see cref="MambaBlock"/>.
/// </summary>
internal sealed class QuietBlocks(CudaKernels kernels, MatrixProducts products, StepProducts steps, MambaConfig config, Device device, ScalarType storage, IReadOnlyList<MambaLayerWeights> layers) : IDisposable
{
    private const int Align = 256;

    /// <summary>Pieces of memory that are read between a mixer and the next.</summary>
    private const int RangesOfLayer = 4;

    private const int RowsOfPart = 16;
    private const int MostParts = 2;

    /// <summary>Scratch of longer passes goes back when they are over.</summary>
    private const long MostKeptBytes = 1L << 30;

    private readonly LayerAddresses[] _layers = [.. layers.Select(weights => new LayerAddresses(weights))];
    private readonly bool _fit = kernels.MixerShape(config) is not null && layers.All(w => steps.Takes(w.InProjection.Matrix, config.DInner) && steps.Takes(w.SsmProjection.Matrix) && steps.Takes(w.OutProjection.Matrix));
    private readonly long _size = storage.ElementSize();
    private Tensor? _scratch;
    private (Pass Pass, int Layer)? _normalFor;
    private Tensor? _ranges;

    /// <summary>Whether a step of so many rows is kernels of our own from end to end.</summary>
    public bool Owns(long rows, long length) => CudaKernels.AreFew(rows, length) && _fit;

    /// <summary>
    /// Into how many parts the rows of a step are worth parting, each of which goes its own way through all blocks: what waits for memory and barriers in one leaves the device to the others. One
    /// where products are cuBLASLt's, whose workspace is one's at a time and whose bits depend on the rows' company.
    /// </summary>
    public int PartsOf(int rows) => rows < 2 * RowsOfPart || !Owns(rows, 1) ? 1 : Math.Min(MostParts, rows / RowsOfPart);

    /// <summary>Bytes that positions take.</summary>
    public long ScratchBytes(long positions) => Places(0, positions, 0).End;

    /// <summary>
    /// x [rows, length, d_model] at an address becomes the block's output there; both states are updated. With <paramref name="normalizesNext"/> the next layer's norm is left in the scratch for it.
    /// </summary>
    /// <param name="normal">The norm of x, where it is computed already; 0: it is not, or lies in the scratch.</param>
    /// <param name="slots">Where the rows' places in the states are listed; 0: row i has the i-th.</param>
    /// <param name="spans">Of the rows, on the device; 0: no padding.</param>
    /// <param name="watch">Where the rows' first positions that are not finite are noted; 0: nowhere.</param>
    public void Run(int layer, nint x, nint convolution, nint ssm, nint slots, int rows, int length, nint spans, nint watch, nint normal, bool normalizesNext, Pass pass)
    {
        var positions = (long)rows * length;
        if (positions == 0)
            return;
        var scratch = Reserve(positions);
        var isNormal = IsNormal(layer, pass);
        Run(layer, Places(scratch, positions, layer), x, convolution, ssm, slots, rows, length, spans, watch, normal, isNormal, normalizesNext);
        _normalFor = normalizesNext ? (pass, layer + 1) : null;
    }

    /// <summary>The same in scratch of the caller's, as large as <see cref="ScratchBytes"/>.</summary>
    /// <param name="nextConvolution">The next layer's states, which are read soon; 0: nothing is known.</param>
    public void Run(int layer, nint scratch, nint x, nint convolution, nint ssm, int rows, nint watch, nint nextConvolution, nint nextSsm) =>
        Run(
            layer, Places(scratch, rows, layer), x, convolution, ssm, 0, rows, 1, 0, watch, 0, isNormal: layer > 0, normalizesNext: layer + 1 < _layers.Length, nextConvolution, nextSsm);

    /// <summary>
    /// The last block, of which one position a row is asked for: gate, out_proj and sum run there alone. The products are those of the whole block, and so are the bits.
    /// </summary>
    /// <param name="only">The position of each row, on the device.</param>
    /// <param name="flat">The same among all positions of all rows.</param>
    /// <param name="output">[rows, d_model] of the residual stream.</param>
    /// <param name="watch">As in <see cref="Run(int, nint, nint, nint, nint, int, int, nint, nint, nint, bool, Pass)"/>, of these positions, which all count as the first.</param>
    public void RunLast(
        nint x, long residualSize, nint convolution, nint ssm, nint slots, int rows, int length, nint spans, nint only, nint flat, nint output, nint watch, nint normal, Pass pass)
    {
        var layer = _layers.Length - 1;
        int d = config.DModel, e = config.DInner;
        var (w, positions) = (_layers[layer], (long)rows * length);
        var at = Places(Reserve(positions), positions, layer);
        if (normal == 0 && !IsNormal(layer, pass))
            kernels.Norm(d, new NormArguments { Residual = x, Weight = w.Norm, Normal = at.U, Rows = rows, Length = length, Epsilon = (float)config.NormEpsilon });
        _normalFor = null;
        var u = normal != 0 ? normal : at.U;
        products.Multiply(u, positions, d, w.In.Matrix, e, d, storage, w.In.Bias, at.Hz, storage, (w.In.Rows, positions));
        // What is read of the norm is read before its place is taken.
        var chosen = at.M;
        kernels.Copy(new GatherArguments { Source = u, Rows = flat, Target = chosen, RowStride = d * _size, Bytes = d * _size, Count = rows, Steps = 1 });
        kernels.Copy(new GatherArguments { Source = x, Rows = flat, Target = output, RowStride = d * residualSize, Bytes = d * residualSize, Count = rows, Steps = 1 });
        Mix(w, at, e, convolution, ssm, slots, rows, length, spans, only);
        var z = at.Raw;
        products.Multiply(chosen, rows, d, w.In.Matrix + (nint)((long)e * d * _size), e, d, storage, w.In.Bias == 0 ? 0 : w.In.Bias + (nint)(e * _size), z, storage, (w.In.Rows, positions));
        kernels.Gate(at.Gated, z, at.Hz, at.H, rows, e);
        products.Multiply(at.H, rows, e, w.Out.Matrix, w.Out.Rows, e, storage, w.Out.Bias, at.M, storage, (w.Out.Rows, positions));
        kernels.Norm(d, new NormArguments { Residual = output, Mixed = at.M, MixedStep = (int)w.Out.Rows, Sum = output, Watch = watch, Rows = rows, Length = 1 });
    }

    /// <summary>A pass is over.</summary>
    public void Finish()
    {
        _normalFor = null;
        if (_scratch is not null && _scratch.numel() > MostKeptBytes)
            ReleaseScratch();
    }

    public void Dispose()
    {
        ReleaseScratch();
        _ranges?.Dispose();
    }

    private void Run(
        int layer, Scratch at, nint x, nint convolution, nint ssm, nint slots, int rows, int length, nint spans, nint watch, nint normal, bool isNormal, bool normalizesNext,
        nint nextConvolution = 0, nint nextSsm = 0)
    {
        var w = _layers[layer];
        int d = config.DModel, e = config.DInner;
        var positions = (long)rows * length;
        var epsilon = (float)config.NormEpsilon;
        if (normal == 0 && !isNormal)
            kernels.Norm(d, new NormArguments { Residual = x, Weight = w.Norm, Normal = at.U, Rows = rows, Length = length, Epsilon = epsilon });
        var u = normal != 0 ? normal : at.U;
        if (spans == 0 && Owns(rows, length))
        {
            steps.MultiplyAndConvolve(u, rows, d, w.In.Matrix, w.In.Rows, d, w.In.Bias, at.Hz, new(w.Convolution, w.ConvolutionBias, convolution, slots, e, config.DConv));
            Multiply(at.Hz, rows, length, w.In.Rows, w.Ssm, at.P);
            Delta("mixer_step", w, new MixerArguments
            {
                Input = at.Hz,
                Projected = at.P,
                Slots = slots,
                A = w.A,
                D = w.D,
                State = ssm,
                Output = at.Gated,
                Ranges = DevicePointer.Of(_ranges ??= Ranges()) + (nint)(layer * RangesOfLayer * 2 * sizeof(long)),
                NextWindow = nextConvolution,
                NextState = nextSsm,
                Rows = rows,
                InputStep = (int)w.In.Rows,
                RangeCount = RangesOfLayer,
            });
        }
        else
        {
            Multiply(u, rows, length, d, w.In, at.Hz);
            Mix(w, at, (int)w.In.Rows, convolution, ssm, slots, rows, length, spans, 0);
        }

        Multiply(at.Gated, rows, length, e, w.Out, at.M);
        kernels.Norm(d, new NormArguments
        {
            Residual = x,
            Mixed = at.M,
            MixedStep = (int)w.Out.Rows,
            Sum = x,
            Weight = normalizesNext ? _layers[layer + 1].Norm : 0,
            Normal = normalizesNext ? at.U : 0,
            Watch = watch,
            Spans = spans,
            Rows = rows,
            Length = length,
            Epsilon = epsilon,
        });
    }

    /// <summary>From in_proj's output to out_proj's input; where one position a row is asked for, to fp32 of the scan there, without the gate.</summary>
    /// <param name="step">How far in_proj's positions lie apart.</param>
    private void Mix(LayerAddresses w, Scratch at, int step, nint convolution, nint ssm, nint slots, int rows, int length, nint spans, nint only)
    {
        int e = config.DInner, n = config.DState, r = config.DtRank;
        var positions = (long)rows * length;
        kernels.Convolve(
            new ConvolutionArguments
            {
                Input = at.Hz,
                Weight = w.Convolution,
                Bias = w.ConvolutionBias,
                State = convolution,
                Slots = slots,
                Spans = spans,
                Output = at.H,
                RowStride = (long)length * step,
                StepStride = step,
                Rows = rows,
                Length = length,
                Width = e,
            },
            config.DConv);
        Multiply(at.H, rows, length, e, w.Ssm, at.P);
        if (Owns(rows, length))
            Delta("delta_step", w, new MixerArguments { Projected = at.P, Output = at.Raw, Rows = rows });
        else
            Multiply(at.P, rows, length, w.Ssm.Rows, w.Delta, at.Raw);
        kernels.Scan(
            new ScanArguments
            {
                H = at.H,
                Delta = at.Raw,
                B = at.P + (nint)(r * _size),
                C = at.P + (nint)((r + n) * _size),
                Z = only == 0 ? at.Hz + (nint)(e * _size) : 0,
                A = w.A,
                D = w.D,
                State = ssm,
                Slots = slots,
                Spans = spans,
                Only = only,
                Output = at.Gated,
                HRow = (long)length * e,
                DeltaRow = length * w.Delta.Rows,
                BRow = length * w.Ssm.Rows,
                ZRow = (long)length * step,
                HStep = e,
                DeltaStep = (int)w.Delta.Rows,
                BStep = (int)w.Ssm.Rows,
                ZStep = step,
                Rows = rows,
                Length = length,
                Width = e,
            },
            n, storage);
    }

    /// <summary>A kernel of mixer.cu with this layer's dt_proj.</summary>
    private void Delta(string name, LayerAddresses w, MixerArguments g)
    {
        (g.Delta, g.DeltaBias) = (w.Delta.Matrix, w.Delta.Bias);
        kernels.Mixer(name, g, config);
    }

    /// <summary>A product of all positions, <paramref name="stride"/> apart.</summary>
    private void Multiply(nint x, int rows, int length, long stride, Product w, nint y) => steps.Multiply(x, rows, length, stride, w.Matrix, w.Rows, w.Inputs, w.Bias, y);

    /// <summary>Where the activations of so many positions lie.</summary>
    private Scratch Places(nint scratch, long positions, int layer)
    {
        var (w, end) = (_layers[layer], (long)scratch);
        nint Take(long width)
        {
            var at = end;
            end = (end + (positions * width * _size) + Align - 1) / Align * Align;
            return (nint)at;
        }

        return new Scratch(Take(config.DModel), Take(w.In.Rows), Take(config.DInner), Take(w.Ssm.Rows), Take(w.Delta.Rows), Take(config.DInner), Take(w.Out.Rows)) { End = end };
    }

    /// <summary>[layers, ranges, 2]: where the weights behind each layer's mixer lie, up to the next mixer's.</summary>
    private Tensor Ranges()
    {
        List<long> ranges = [];
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            Add(_layers[layer].Out);
            foreach (var product in (Func<LayerAddresses, Product>[])[weights => weights.In, weights => weights.Ssm, weights => weights.Delta])
                Add(layer + 1 < _layers.Length ? product(_layers[layer + 1]) : default);
        }

        using var host = tensor(ranges.ToArray(), dtype: int64);
        return host.to(device).DetachFromDisposeScope();

        void Add(Product product) => ranges.AddRange([product.Matrix, product.Rows * product.Inputs * _size]);
    }

    private nint Reserve(long positions)
    {
        if (_scratch is null || _scratch.numel() < ScratchBytes(positions))
        {
            ReleaseScratch();
            _scratch = empty([ScratchBytes(positions)], uint8, device).DetachFromDisposeScope();
        }

        return DevicePointer.Of(_scratch);
    }

    private bool IsNormal(int layer, Pass pass) => _normalFor is var (normalPass, normalLayer) && ReferenceEquals(normalPass, pass) && normalLayer == layer;

    /// <summary>The next pass takes scratch memory anew.</summary>
    public void ReleaseScratch()
    {
        _scratch?.Dispose();
        _scratch = null;
    }

    private readonly record struct Scratch(nint U, nint Hz, nint H, nint P, nint Raw, nint Gated, nint M)
    {
        public long End { get; init; }
    }

    /// <summary>A matrix whose rows are its padded outputs.</summary>
    private readonly record struct Product(nint Matrix, nint Bias, long Rows, long Inputs)
    {
        public static Product Of(LinearWeight weight) => new(DevicePointer.Of(weight.Matrix), DevicePointer.OrNull(weight.Bias), weight.Matrix.shape[0], weight.Matrix.shape[1]);
    }

    /// <summary>Where a layer's weights lie; they outlive this.</summary>
    private sealed class LayerAddresses(MambaLayerWeights weights)
    {
        public readonly nint Norm = DevicePointer.Of(weights.Norm);
        public readonly nint Convolution = DevicePointer.Of(weights.Convolution);
        public readonly nint ConvolutionBias = DevicePointer.OrNull(weights.ConvolutionBias);
        public readonly nint A = DevicePointer.Of(weights.A);
        public readonly nint D = DevicePointer.Of(weights.D);
        public readonly Product In = Product.Of(weights.InProjection);
        public readonly Product Ssm = Product.Of(weights.SsmProjection);
        public readonly Product Delta = Product.Of(weights.DeltaProjection);
        public readonly Product Out = Product.Of(weights.OutProjection);
    }
}
