using Sweep.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>
/// The engine's kernels on one device for one dtype of activations and one of the residual stream. What a kernel returns is new, of the context's stream, and inside the caller's dispose
/// scope. Not thread-safe, like the device's thread.
/// </summary>
internal sealed partial class CudaKernels(CudaContext context, Device device, ScalarType storage, ScalarType residual)
{
    private const int MostBlocks = 65535;
    private readonly long _size = storage.ElementSize();
    private readonly Dictionary<(string Name, int, int, int, int), nint> _functions = [];

    public CudaContext Context => context;

    /// <summary>Keeps what is made while a graph is captured, whose replays write to it again; null: nothing is kept.</summary>
    public List<Tensor>? Retained { get; set; }

    public Tensor New(ReadOnlySpan<long> shape, ScalarType dtype)
    {
        var tensor = empty(shape, dtype, device);
        Retained?.Add(tensor.alias().DetachFromDisposeScope());
        return tensor;
    }

    /// <summary>Causal depthwise convolution and SiLU: h [B, L, E] (strided), weight [K, E], state [B, K, E] (updated) → [B, L, E].</summary>
    public Tensor Convolve(Tensor h, Tensor weight, Tensor? bias, Tensor state, Tensor? spans, nint slots = 0)
    {
        var output = New(h.shape, storage);
        Convolve(
            new ConvolutionArguments
            {
                Input = DevicePointer.Of(h),
                Weight = DevicePointer.Of(weight),
                Bias = DevicePointer.OrNull(bias),
                State = DevicePointer.Of(state),
                Slots = slots,
                Spans = DevicePointer.OrNull(spans),
                Output = DevicePointer.Of(output),
                RowStride = h.stride(0),
                StepStride = (int)h.stride(1),
                Rows = (int)h.shape[0],
                Length = (int)h.shape[1],
                Width = (int)h.shape[2],
            },
            (int)weight.shape[0]);
        return output;
    }

    /// <summary>The same of addresses; the piece is chosen here.</summary>
    public void Convolve(ConvolutionArguments g, int taps)
    {
        if (g.Rows == 0 || g.Length == 0)
            return;
        const int threads = 128;
        var channels = g.Width % 4 == 0 && g.RowStride % 4 == 0 && g.StepStride % 4 == 0 && g.Input % (4 * _size) == 0 ? 4 : 1;
        g.Piece = Math.Max(taps, (long)g.Rows * g.Length >= 8192 ? 64 : 16);
        var kernel = Find("convolve", taps, channels, 0, 0)
            ?? Keep("convolve", taps, channels, 0, 0, context.Function("convolution", "convolve", [Storage, Residual, $"TAPS={taps}", $"CHANNELS={channels}", $"THREADS={threads}"]));
        context.Launch(kernel, (Blocks(g.Width, threads * channels), Blocks(g.Length, g.Piece), Math.Min(g.Rows, MostBlocks)), threads, g);
    }

    /// <summary>
    /// The scan of <see cref="ScanInputs"/>, whose tensors are of the storage dtype but A, D, factors, state and a delta after softplus, which are fp32. With a gate the result is of the
    /// storage dtype, without one it is y in fp32.
    /// </summary>
    /// <param name="spans">Of the inputs, on the device; null: no padding.</param>
    /// <param name="slots">Where on the device the rows' places in the state are listed; 0: row i has the i-th.</param>
    public Tensor Scan(ScanInputs inputs, Tensor? spans, nint slots = 0)
    {
        var (h, delta, b, c, z) = (inputs.H, inputs.Delta, inputs.B, inputs.C, inputs.Z);
        if (b.stride(0) != c.stride(0) || b.stride(1) != c.stride(1))
            throw new ArgumentException("B and C: expected the same strides");
        var result = z is null ? ScalarType.Float32 : storage;
        var output = New(h.shape, result);
        Scan(
            new ScanArguments
            {
                H = DevicePointer.Of(h),
                Delta = DevicePointer.Of(delta),
                B = DevicePointer.Of(b),
                C = DevicePointer.Of(c),
                Z = DevicePointer.OrNull(z),
                A = DevicePointer.Of(inputs.A),
                D = DevicePointer.Of(inputs.D),
                DeltaScale = DevicePointer.OrNull(inputs.DeltaScale),
                OutputScale = DevicePointer.OrNull(inputs.OutputScale),
                GateScale = DevicePointer.OrNull(inputs.GateScale),
                State = DevicePointer.Of(inputs.State),
                Slots = slots,
                Spans = DevicePointer.OrNull(spans),
                Output = DevicePointer.Of(output),
                HRow = h.stride(0),
                DeltaRow = delta.stride(0),
                BRow = b.stride(0),
                ZRow = z?.stride(0) ?? 0,
                HStep = (int)h.stride(1),
                DeltaStep = (int)delta.stride(1),
                BStep = (int)b.stride(1),
                ZStep = (int)(z?.stride(1) ?? 0),
                Rows = (int)h.shape[0],
                Length = (int)h.shape[1],
                Width = (int)h.shape[2],
            },
            (int)inputs.A.shape[0], delta.dtype, inputs.DeltaIsActivated);
        return output;
    }

    /// <summary>The same of addresses, strides and the dtype of delta.</summary>
    public void Scan(in ScanArguments g, int states, ScalarType deltaType, bool isActivated = false)
    {
        if (g.Rows == 0 || g.Length == 0)
            return;
        // Sixteen states a thread at most; fewer where long sequences would leave the device idle.
        const int threads = 128;
        var lanes = (long)g.Rows * g.Width;
        var split = 1;
        while (split < 32 && (states + split - 1) / split > 16)
            split *= 2;
        var isTiled = g.Length >= 8 && lanes < context.Multiprocessors * 256;
        while (isTiled && split < 8 && states >= 2 * split && lanes * split < context.Multiprocessors * 256)
            split *= 2;
        var (delta, result) = (Kind(deltaType), g.Z == 0 ? 0 : Kind(storage));
        var (only, gated, activated, scaled) = (One(g.Only != 0), One(g.Z != 0), One(isActivated), One((g.DeltaScale | g.OutputScale | g.GateScale) != 0));
        var flags = only + (2 * gated) + (4 * activated) + (8 * scaled) + (isTiled ? 16 : 0);
        var kernel = Find("scan", states, split, flags, delta)
            ?? Keep("scan", states, split, flags, delta, context.Function("scan", isTiled ? "scan_tiled" : "scan",
                [
                    Storage, Residual, $"DELTA={delta}", $"OUTPUT={result}", $"STATES={states}", $"SPLIT={split}", $"ONLY={only}", $"GATED={gated}", $"ACTIVATED={activated}", $"SCALED={scaled}", $"THREADS={threads}",
                ]));
        context.Launch(kernel, (Blocks(g.Width, threads / split), Math.Min(g.Rows, MostBlocks), 1), threads, g);

        static int One(bool value) => value ? 1 : 0;
    }

    /// <summary>In fp32, like all values between the scan's steps.</summary>
    public Tensor Softplus(Tensor x) => Elementwise(x, null, 0, ScalarType.Float32);

    /// <summary>In fp32.</summary>
    public Tensor Silu(Tensor x) => Elementwise(x, null, 1, ScalarType.Float32);

    /// <summary>Of two fp32 tensors, in the storage dtype.</summary>
    public Tensor Multiply(Tensor x, Tensor y) => Elementwise(x, y, 2, storage);

    /// <summary>RMSNorm of x [.., d] of the residual stream's dtype.</summary>
    public Tensor Norm(Tensor x, Tensor weight, double epsilon)
    {
        var normal = New(x.shape, storage);
        var width = x.shape[^1];
        var positions = x.numel() / Math.Max(1, width);
        Norm((int)width, new NormArguments
        {
            Residual = DevicePointer.Of(x),
            Weight = DevicePointer.Of(weight),
            Normal = DevicePointer.Of(normal),
            Rows = 1,
            Length = (int)positions,
            Epsilon = (float)epsilon,
        });
        return normal;
    }

    /// <summary>
    /// sum[i] = residual[rowMap[i]] + mixed[i], where the sum may be the residual itself; then its norm where a weight is given, and the look-out for numbers that are not finite where
    /// watch is given.
    /// </summary>
    public Tensor? Add(Tensor residualStream, Tensor? rowMap, Tensor? mixed, Tensor? sum, Tensor? weight, double epsilon, nint watch, Tensor? spans)
    {
        var shape = (mixed ?? residualStream).shape;
        var normal = weight is null ? null : New(shape, storage);
        Norm((int)shape[2], new NormArguments
        {
            Residual = DevicePointer.Of(residualStream),
            RowMap = DevicePointer.OrNull(rowMap),
            Mixed = DevicePointer.OrNull(mixed),
            Sum = DevicePointer.OrNull(sum),
            Weight = DevicePointer.OrNull(weight),
            Normal = DevicePointer.OrNull(normal),
            Watch = watch,
            Spans = DevicePointer.OrNull(spans),
            Rows = (int)shape[0],
            Length = (int)shape[1],
            MixedStep = mixed is null ? 0 : (int)StepOf(mixed),
            Epsilon = (float)epsilon,
        });
        return normal;
    }

    /// <summary>The same of addresses.</summary>
    public void Norm(int width, in NormArguments g)
    {
        var positions = (long)g.Rows * g.Length;
        if (positions == 0)
            return;
        var vectors = width % 4 == 0 && g.MixedStep % 4 == 0 ? 1 : 0;
        var groups = vectors != 0 ? width / 4 : width;
        var threads = Math.Clamp((groups + 31) / 32 * 32, 32, 256);
        var kernel = Find("add_norm", width, vectors, 0, 0)
            ?? Keep("add_norm", width, vectors, 0, 0, context.Function("norm", "add_norm", [Storage, Residual, $"WIDTH={width}", $"VECTORS={vectors}", $"THREADS={threads}"]));
        context.LaunchOverlapping(kernel, (positions, 1, 1), threads, g);
    }

    /// <summary>Rows of the first axis of a tensor of two or three whose last is contiguous, in this order.</summary>
    public Tensor Gather(Tensor source, Tensor rows)
    {
        var shape = source.shape;
        shape[0] = rows.shape[0];
        var target = New(shape, source.dtype);
        Copy(source, rows, target, null);
        return target;
    }

    /// <summary>target[targets[i]] = source[rows[i]], whole rows as above; what is written is not read.</summary>
    public void Copy(Tensor source, Tensor rows, Tensor target, Tensor? targets)
    {
        var shape = source.shape;
        if (rows.shape[0] == 0 || source.numel() == 0)
            return;
        long size = source.dtype.ElementSize(), bytes = shape[^1] * size, rowStride = source.stride(0) * size, stepStride = shape.Length == 3 ? source.stride(1) * size : 0;
        var steps = shape.Length == 3 ? (int)shape[1] : 1;
        if (steps > 1 && stepStride == bytes)
            (bytes, steps) = (bytes * steps, 1);
        Copy(new GatherArguments
        {
            Source = DevicePointer.Of(source),
            Rows = DevicePointer.Of(rows),
            Targets = DevicePointer.OrNull(targets),
            Target = DevicePointer.Of(target),
            RowStride = rowStride,
            StepStride = stepStride,
            Bytes = bytes,
            Count = (int)rows.shape[0],
            Steps = steps,
        });
    }

    /// <summary>The same of addresses.</summary>
    public void Copy(in GatherArguments g)
    {
        var unit = 16L;
        while (g.Bytes % unit != 0 || g.RowStride % unit != 0 || (g.Steps > 1 && g.StepStride % unit != 0) || g.Source % unit != 0)
            unit /= 2;
        var kernel = context.Function("rows", "gather", [Storage, Residual, $"UNIT={unit}"]);
        context.Launch(kernel, (Math.Min(64, Blocks(g.Bytes / unit * g.Steps, 256)), Math.Min(g.Count, MostBlocks), 1), 256, g);
    }

    /// <summary>Narrow(x · SiLU(z)) of fp32 x and z of the storage dtype, both [rows, width], as the scan computes it; <paramref name="between"/> is room for fp32 of them.</summary>
    public void Gate(nint x, nint z, nint between, nint output, long rows, int width)
    {
        Elementwise(new ElementwiseArguments { X = z, XStep = width, Output = between, Steps = rows, Width = width, Kind = 1 }, storage, ScalarType.Float32);
        Elementwise(new ElementwiseArguments { X = x, XStep = width, Y = between, YStep = width, Output = output, Steps = rows, Width = width, Kind = 2 }, ScalarType.Float32, storage);
    }

    /// <summary>tokens int64 [B, L] on the device → [B, L, d_model] of the residual stream's dtype.</summary>
    public Tensor Embed(Tensor tokens, Tensor embedding)
    {
        var output = New([tokens.shape[0], tokens.shape[1], embedding.shape[1]], residual);
        Embed(tokens, embedding, output);
        return output;
    }

    /// <summary>The same into this tensor.</summary>
    public void Embed(Tensor tokens, Tensor embedding, Tensor output)
    {
        if (output.numel() == 0)
            return;
        var kernel = context.Function("rows", "embed", [Storage, Residual, "UNIT=16"]);
        context.Launch(
            kernel, (Math.Min(context.Multiprocessors * 16, Blocks(output.numel(), 256)), 1, 1), 256,
            new EmbedArguments
            {
                Tokens = DevicePointer.Of(tokens),
                Embedding = DevicePointer.Of(embedding),
                Output = DevicePointer.Of(output),
                Positions = tokens.numel(),
                Width = (int)embedding.shape[1],
                Vocabulary = (int)embedding.shape[0],
            });
    }

    /// <summary>A kernel of steer.cu for activations of this dtype.</summary>
    public nint Steering(string name, ScalarType dtype) => context.Function("steer", name, [$"STORAGE={Kind(dtype)}", Residual]);

    /// <summary>A kernel of score.cu.</summary>
    public nint Scoring(string name, int threads) => context.Function("score", name, [Storage, Residual, $"THREADS={threads}"]);

    internal static int Blocks(long count, long perBlock) => (int)((count + perBlock - 1) / perBlock);

    private string Storage => $"STORAGE={Kind(storage)}";

    private string Residual => $"RESIDUAL={Kind(residual)}";

    private static int Kind(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => 0,
        ScalarType.BFloat16 => 1,
        ScalarType.Float16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "expected Float32, Float16 or BFloat16"),
    };

    private nint? Find(string name, int a, int b, int c, int d) => _functions.TryGetValue((name, a, b, c, d), out var function) ? function : null;

    private nint Keep(string name, int a, int b, int c, int d, nint function) => _functions[(name, a, b, c, d)] = function;

    private Tensor Elementwise(Tensor x, Tensor? y, int kind, ScalarType result)
    {
        var shape = x.shape;
        var output = New(shape, result);
        if (output.numel() == 0)
            return output;
        Elementwise(
            new ElementwiseArguments
            {
                X = DevicePointer.Of(x),
                XStep = StepOf(x),
                Y = DevicePointer.OrNull(y),
                YStep = y is null ? 0 : StepOf(y),
                Output = DevicePointer.Of(output),
                Steps = output.numel() / shape[^1],
                Width = (int)shape[^1],
                Kind = kind,
            },
            x.dtype, result);
        return output;
    }

    private void Elementwise(in ElementwiseArguments g, ScalarType input, ScalarType result)
    {
        var kernel = context.Function("elementwise", "elementwise", [Storage, Residual, $"INPUT={Kind(input)}", $"OUTPUT={Kind(result)}"]);
        context.Launch(kernel, (Math.Min(context.Multiprocessors * 16, Blocks(g.Steps * g.Width, 256)), 1, 1), 256, g);
    }

    /// <summary>Of [B, L, W], whose rows follow one another.</summary>
    private static long StepOf(Tensor x)
    {
        var step = x.shape[1] > 1 ? x.stride(1) : x.stride(0);
        return x.shape[0] <= 1 || x.stride(0) == step * x.shape[1] ? step : throw new ArgumentException($"rows lie {x.stride(0)} apart, expected {step * x.shape[1]}");
    }
}
