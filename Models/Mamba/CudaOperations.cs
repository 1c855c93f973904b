using Sweep.Models.Architectures;
using Sweep.Models.Cuda;
using Sweep.Models.Kernels;
using Sweep.Models.Steering;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// A block's steps on a CUDA device: our own kernels and cuBLASLt, nothing of torch but its memory, and no waiting for the device inside a pass. Where
/// activations are stored in a half dtype, Δ, y and SiLU(z) between the steps of the scan are fp32 none the less, seen or not.
/// </summary>
internal sealed class CudaOperations : BlockOperations, IDisposable
{
    private const int StepsBeforeGraph = 2;

    /// <summary>States of decodings, beyond which the graph that was not used for longest goes when another is made.</summary>
    private const long MostKeptBytes = 1L << 30;

    private readonly TorchOperations _plain = new();
    private readonly CudaContext _context;
    private readonly CudaKernels _kernels;
    private readonly MatrixProducts _products;
    private readonly StepProducts _steps;
    private readonly DeviceTables _tables;
    private readonly SteeringKernels _steering;
    private readonly QuietBlocks? _blocks;
    private readonly Device _device;
    private readonly ScalarType _residual;
    private readonly int _layers;
    private readonly MambaConfig? _config;
    private Tensor? _slots;
    private readonly List<GreedySteps> _greedy = [];

    /// <exception cref="CudaException">A library of CUDA is missing.</exception>
    public CudaOperations(ModelConfig config, ModelWeights weights, Device device, ScalarType storage, ScalarType residual, bool tf32 = false)
    {
        _context = CudaContext.Of(device.index);
        (_device, _residual, _layers) = (device, residual, config.LayerCount);
        _kernels = new(_context, device, storage, residual);
        _products = new(_context, device, tf32);
        _steps = new(_kernels, _products, storage);
        _tables = new(device);
        _steering = new(_kernels, _tables);
        if (config.Architecture is not MambaArchitecture)
            return;
        // Launches of whole blocks and states by slot are those of Mamba-1; other blocks run step by step.
        _config = (MambaConfig)config;
        _blocks = new(_kernels, _products, _steps, _config, device, storage, [.. weights.Layers.Cast<MambaLayerWeights>()]);
    }

    internal CudaKernels Kernels => _kernels;

    internal DeviceTables Tables => _tables;

    public void Dispose()
    {
        foreach (var steps in _greedy)
            steps.Release();
        _blocks?.Dispose();
        _products.Dispose();
        _tables.Dispose();
    }

    internal override Tensor Embed(Tensor tokens, Tensor embedding, ScalarType dtype)
    {
        Check(tokens, embedding);
        using var there = tokens.to(int64, embedding.device).contiguous();
        return _kernels.Embed(there, embedding);
    }

    internal override Tensor? RunStep(Tensor tokens, Tensor embedding, MambaState state, Pass pass)
    {
        if (_blocks is null || tokens.shape[1] != 1 || pass.Slots is not null || !pass.IsQuiet() || _tables.Spans(pass.Spans) is not null)
            return null;
        // A graph pays for itself over some replays: states that are read on from once or twice never meet it.
        if (state.Graph is null && state.QuietSteps++ < StepsBeforeGraph)
            return null;
        Check(tokens, embedding);
        state.Graph ??= new(_kernels, _blocks, embedding, state, (int)tokens.shape[0], _device, _residual);
        var x = state.Graph.Run(tokens);
        if (pass.IsWatched)
            pass.DeviceLog = new(state.Graph.Watch.clone());
        return x;
    }

    internal override bool RunQuiet(int layer, Tensor x, Tensor convolutionState, Tensor ssmState, Pass pass)
    {
        if (_blocks is null || !pass.IsQuiet(layer) || !x.is_contiguous())
            return false;
        var normal = pass.Normalized is var (source, known) && ReferenceEquals(source, x) ? known : null;
        pass.Normalized = null;
        _blocks.Run(
            layer, DevicePointer.Of(x), DevicePointer.Of(convolutionState), DevicePointer.Of(ssmState), Slots, (int)x.shape[0], (int)x.shape[1],
            DevicePointer.OrNull(_tables.Spans(pass.SpansAt(layer, JoinOrder.BlockInput))), pass.IsWatched ? Log(pass).Watch(layer) : 0, DevicePointer.OrNull(normal),
            layer + 1 < _layers && pass.IsQuiet(layer + 1), pass);
        normal?.Dispose();
        return true;
    }

    internal override Tensor? RunLast(Tensor x, Tensor convolutionState, Tensor ssmState, Pass pass)
    {
        var (layer, rows, length) = (_layers - 1, (int)x.shape[0], (int)x.shape[1]);
        if (_blocks is null || length == 1 || rows == 0 || !pass.IsQuiet(layer) || !x.is_contiguous())
            return null;
        using var scope = NewDisposeScope();
        var normal = pass.Normalized is var (source, known) && ReferenceEquals(source, x) ? known : null;
        pass.Normalized = null;
        int[] only = [.. pass.Wanted!];
        var output = _kernels.New([rows, 1, x.shape[2]], x.dtype);
        if (pass.IsWatched)
            Log(pass).LastPositions = only;
        _blocks.RunLast(
            DevicePointer.Of(x), x.dtype.ElementSize(), DevicePointer.Of(convolutionState), DevicePointer.Of(ssmState), Slots, rows, length,
            DevicePointer.OrNull(_tables.Spans(pass.SpansAt(layer, JoinOrder.BlockInput))), DevicePointer.Of(_tables.Upload<int>(only)),
            DevicePointer.Of(_tables.Upload<int>([.. only.Select((position, row) => (row * length) + position)])), DevicePointer.Of(output),
            pass.IsWatched ? Log(pass).Watch(layer) : 0, DevicePointer.OrNull(normal), pass);
        normal?.Dispose();
        return output.MoveToOuterDisposeScope();
    }

    internal override Tensor Gather(Tensor source, IReadOnlyList<int> rows) => _kernels.Gather(source, _tables.Rows(rows));

    internal override Tensor Norm(Tensor x, Tensor weight, double epsilon)
    {
        using var scope = NewDisposeScope();
        return _kernels.Norm(x.contiguous(), weight, epsilon).MoveToOuterDisposeScope();
    }

    internal override Tensor Linear(Tensor x, LinearWeight weight)
    {
        using var scope = NewDisposeScope();
        return Product(x, weight, weight.Matrix.dtype).MoveToOuterDisposeScope();
    }

    internal override (Tensor Projected, Tensor Delta) Project(Tensor h, MambaLayerWeights weights, int rank)
    {
        if (_blocks?.Owns(h.shape[0], h.shape[1]) != true)
            return base.Project(h, weights, rank);
        // As mixer_step computes Δ, bit for bit.
        var projected = Linear(h, weights.SsmProjection);
        var delta = _kernels.New([h.shape[0], 1, _config!.DInner], h.dtype);
        _kernels.Mixer(
            "delta_step",
            new MixerArguments
            {
                Projected = DevicePointer.Of(projected),
                Delta = DevicePointer.Of(weights.DeltaProjection.Matrix),
                DeltaBias = DevicePointer.Of(weights.DeltaProjection.Bias!),
                Output = DevicePointer.Of(delta),
                Rows = (int)h.shape[0],
            },
            _config);
        return (projected, delta);
    }

    internal override Tensor Logits(Tensor x, LinearWeight weight)
    {
        using var scope = NewDisposeScope();
        return Product(x, weight, float32).MoveToOuterDisposeScope();
    }

    internal override Tensor Convolve(Tensor h, Tensor weight, Tensor? bias, Tensor state, TokenSpans spans) => _kernels.Convolve(h, weight, bias, state, _tables.Spans(spans), Slots);

    internal override Tensor Softplus(Tensor raw) => _kernels.Softplus(raw);

    internal override Tensor Scan(Tensor h, Tensor delta, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state, TokenSpans spans) =>
        _kernels.Scan(new ScanInputs { H = h, Delta = delta, DeltaIsActivated = true, A = a, B = b, C = c, D = d, State = state }, _tables.Spans(spans), Slots);

    internal override Tensor GatedScan(Tensor h, Tensor raw, Tensor a, Tensor b, Tensor c, Tensor d, Tensor z, Tensor state, TokenSpans spans) =>
        _kernels.Scan(new ScanInputs { H = h, Delta = raw, A = a, B = b, C = c, D = d, Z = z, State = state }, _tables.Spans(spans), Slots);

    internal override Tensor Silu(Tensor z) => _kernels.Silu(z);

    internal override Tensor Multiply(Tensor y, Tensor gate) => _kernels.Multiply(y, gate);

    internal override Tensor AddResidual(Tensor residual, IReadOnlyList<int>? rows, Tensor mixed)
    {
        var sum = _kernels.New([mixed.shape[0], mixed.shape[1], mixed.shape[2]], residual.dtype);
        _kernels.Add(residual, rows is null ? null : _tables.Rows(rows), mixed, sum, null, 0, 0, null);
        return sum;
    }

    internal override Tensor AddInPlace(Tensor residual, Tensor mixed)
    {
        _kernels.Add(residual, null, mixed, residual, null, 0, 0, null);
        return residual;
    }

    internal override (Tensor Sum, Tensor? Normal) AddAndNorm(Tensor residual, IReadOnlyList<int>? rows, Tensor mixed, Tensor weight, double epsilon, TokenSpans spans, int layer, Pass pass)
    {
        var sum = rows is null ? residual : _kernels.New([mixed.shape[0], mixed.shape[1], mixed.shape[2]], residual.dtype);
        var normal = _kernels.Add(residual, rows is null ? null : _tables.Rows(rows), mixed, sum, weight, epsilon, pass.IsWatched ? Log(pass).Watch(layer) : 0, _tables.Spans(spans));
        return (sum, normal);
    }

    internal override void Watch(Tensor x, TokenSpans spans, int layer, Pass pass)
    {
        if (pass.IsWatched)
            _kernels.Add(x, null, null, null, null, 0, Log(pass).Watch(layer), _tables.Spans(spans));
    }

    internal override int[] FirstNonFinite(Tensor x, TokenSpans spans) => _plain.FirstNonFinite(x, spans);

    internal override void Steer(Tensor x, Tensor residual, IReadOnlyList<int>? residualRows, TokenSpans spans, int layer, Site site, Pass pass)
    {
        // Whoever replaces the writer writes on the host.
        if (pass.Writer != InterventionWriter.Default)
            _plain.Steer(x, residual, residualRows, spans, layer, site, pass);
        else
            _steering.Apply(x, residual, residualRows, spans, layer, site, pass, Log(pass));
    }

    internal override void Finish(Pass pass)
    {
        _blocks?.Finish();
        if (pass.DeviceLog is not { } log)
            return;
        pass.DeviceLog = null;
        using (log)
            log.Tell(pass);
    }

    internal override void ReleaseCaches()
    {
        _context.Enter();
        foreach (var steps in _greedy.Where(steps => !steps.IsInUse))
            steps.Release();
        _greedy.RemoveAll(steps => !steps.IsInUse);

        _blocks?.ReleaseScratch();
        _tables.Clear();
    }

    internal override GreedySteps? BeginGreedy(ModelWeights weights, ModelConfig config, MambaState state, IReadOnlyList<int> slots, IReadOnlyList<int> tokens)
    {
        if (_blocks is null)
            return null;
        _context.Enter();
        if (_greedy.Exists(other => other.IsInUse))
            throw new InvalidOperationException("one decoding at a time");
        // Capturing costs what some steps do: counts of rows go by buckets, four to a power of two, and each keeps its graph.
        var rows = (int)MatrixProducts.Bucket(slots.Count, 4);
        var steps = _greedy.Find(known => known.Rows == rows);
        if (steps is null)
        {
            steps = new(_kernels, _products, _tables, _blocks, weights, config, rows, _device, _residual);
            while (_greedy.Count > 0 && steps.Bytes + _greedy.Sum(known => known.Bytes) > MostKeptBytes)
            {
                _greedy[0].Release();
                _greedy.RemoveAt(0);
            }
        }

        _greedy.Remove(steps);
        _greedy.Add(steps);
        steps.Begin(state, [.. slots], tokens);
        return steps;
    }

    internal override bool HasSlots => _blocks is not null;

    internal override void Copy(Tensor source, IReadOnlyList<int> rows, Tensor target, IReadOnlyList<int> targets) =>
        _kernels.Copy(source, _tables.Rows(rows), target, _tables.Rows(targets));

    internal override void BeginPass(Pass pass)
    {
        _context.Enter();
        if (pass.Slots is { } slots)
            _slots = _tables.Upload<int>([.. slots]).DetachFromDisposeScope();
    }

    internal override void EndPass()
    {
        _slots?.Dispose();
        _slots = null;
    }

    private nint Slots => DevicePointer.OrNull(_slots);

    private CudaPassLog Log(Pass pass) => pass.DeviceLog ??= new(_kernels, _layers, pass.RowCount);

    private static void Check(Tensor tokens, Tensor embedding)
    {
        // On the device an id outside the vocabulary could only become NaN.
        if (tokens.device_type != DeviceType.CPU || tokens.numel() == 0)
            return;
        using var scope = NewDisposeScope();
        var (least, most) = (tokens.min().ToInt64(), tokens.max().ToInt64());
        if (least < 0 || most >= embedding.shape[0])
            throw new ArgumentOutOfRangeException(nameof(tokens), $"found {(least < 0 ? least : most)}, expected 0 to {embedding.shape[0] - 1}");
    }

    private Tensor Product(Tensor x, LinearWeight weight, ScalarType result)
    {
        var shape = x.shape;
        var flat = x.reshape(-1, shape[^1]);
        if (flat.shape[1] > 1 && flat.stride(1) != 1)
            flat = flat.contiguous();
        var outputs = weight.Matrix.shape[0];
        var y = _kernels.New([flat.shape[0], outputs], result);
        if (result != weight.Matrix.dtype || shape.Length != 3)
        {
            _products.Multiply(flat, weight.Matrix, weight.Bias, y);
        }
        else
        {
            _steps.Multiply(
                DevicePointer.Of(flat), shape[0], shape[1], flat.shape[0] == 1 ? flat.shape[1] : flat.stride(0), DevicePointer.Of(weight.Matrix), outputs, flat.shape[1],
                DevicePointer.OrNull(weight.Bias), DevicePointer.Of(y));
        }

        shape[^1] = outputs;
        return y.view(shape).narrow(-1, 0, weight.Outputs);
    }
}
