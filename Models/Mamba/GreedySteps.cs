using Sweep.Models.Architectures;
using Sweep.Models.Cuda;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>What one step of greedy decoding found for one row.</summary>
/// <param name="Token">The likeliest, the lowest id of equals: what the row reads in the next step.</param>
/// <param name="IsFinite">False: its logits hold NaN or infinity.</param>
/// <param name="DivergedLayer">The first layer whose output left the finite numbers; null: none.</param>
public readonly record struct GreedyChoice(int Token, bool IsFinite, int? DivergedLayer);

/// <summary>
/// Greedy decoding on the device alone: blocks as a graph, head and choice behind it, and the chosen tokens go straight into the next step. The host learns of them when it asks, so that it
/// may be a step behind. Rows live in states of its own until it is disposed, so that a graph serves many decodings of as many rows or fewer: what is left over repeats the first, unheard.
/// </summary>
public sealed unsafe class GreedySteps : IDisposable
{
    /// <summary>Steps that can be under way at once.</summary>
    public const int Most = 2;

    private const int Threads = 1024;
    private const int Figures = 3;

    private readonly CudaKernels _kernels;
    private readonly MatrixProducts _products;
    private readonly LinearWeight _head;
    private readonly Tensor _norm;
    private readonly float _epsilon;
    private readonly int _width;
    private readonly int _rows;
    private readonly StepGraph _graph;
    private readonly DeviceTables _tables;
    private readonly MambaState _own;
    private MambaState? _state;
    private int[] _slots = [];
    private readonly Tensor _normal;
    private readonly Tensor _logits;
    private readonly nint[] _arrived = new nint[Most];
    private nint _results;
    private int _launched;
    private int _read;

    internal GreedySteps(
        CudaKernels kernels, MatrixProducts products, DeviceTables tables, QuietBlocks blocks, ModelWeights weights, ModelConfig config, int rows, Device device, ScalarType residual)
    {
        using var scope = NewDisposeScope();
        (_kernels, _products, _head, _norm, _epsilon, _width, _rows) = (kernels, products, weights.Head, weights.FinalNorm, (float)config.NormEpsilon, config.DModel, rows);
        _tables = tables;
        var dtype = weights.Head.Matrix.dtype;
        _own = new(
            [.. weights.Layers.Select(_ => zeros([rows, config.DConv, config.DInner], dtype, device))], [.. weights.Layers.Select(_ => zeros([rows, config.DState, config.DInner], float32, device))]);
        _graph = new(kernels, blocks, weights.Embedding, _own, _rows, device, residual);
        _normal = empty([_rows, config.DModel], dtype, device).DetachFromDisposeScope();
        _logits = empty([_rows, weights.Head.Matrix.shape[0]], float32, device).DetachFromDisposeScope();
        CudaDriverApi.Check(CudaDriverApi.HostAllocate(out _results, (nuint)(Most * _rows * Figures * sizeof(int)), CudaDriverApi.Mapped), "cuMemHostAlloc");
        for (var step = 0; step < Most; step++)
            CudaDriverApi.Check(CudaDriverApi.EventCreate(out _arrived[step], CudaDriverApi.WithoutTiming), "cuEventCreate");
    }

    /// <summary>Rows of a decoding at most.</summary>
    internal int Rows => _rows;

    /// <summary>Bytes of the states.</summary>
    internal long Bytes => Enumerable.Range(0, _own.LayerCount).Sum(layer => (_own.Ssm(layer).numel() * sizeof(float)) + (_own.Convolution(layer).numel() * _normal.element_size()));

    internal bool IsInUse => _state is not null;

    /// <summary>Goes on from these rows of the state.</summary>
    internal void Begin(MambaState state, int[] slots, IReadOnlyList<int> tokens)
    {
        (_state, _slots, _launched, _read) = (state, slots, 0, 0);
        T[] Filled<T>(IReadOnlyList<T> values) => [.. values, .. Enumerable.Repeat(values[0], _rows - values.Count)];
        Move(state, Filled(slots), _own, null);
        using var first = tensor(Filled([.. tokens.Select(token => (long)token)]), dtype: int64);
        _graph.Tokens.copy_(first.reshape(_graph.Tokens.shape));
    }

    /// <summary>Starts the next step, without waiting for anything.</summary>
    public void Launch()
    {
        if (_launched - _read == Most)
            throw new InvalidOperationException($"{Most} steps are under way, none has been read");
        var context = _kernels.Context;
        _graph.Replay();
        _kernels.Norm(_width, new NormArguments
        {
            Residual = DevicePointer.Of(_graph.Output),
            Weight = DevicePointer.Of(_norm),
            Normal = DevicePointer.Of(_normal),
            Rows = 1,
            Length = _rows,
            Epsilon = _epsilon,
        });
        _products.Multiply(_normal, _head.Matrix, _head.Bias, _logits);
        context.Launch(
            _kernels.Scoring("choose", Threads), (_rows, 1, 1), Threads,
            new ChooseArguments
            {
                Logits = DevicePointer.Of(_logits),
                Watch = DevicePointer.Of(_graph.Watch),
                Tokens = DevicePointer.Of(_graph.Tokens),
                Results = At(_launched),
                Vocabulary = _head.Outputs,
                Stride = (int)_logits.shape[1],
                Rows = _rows,
                Layers = (int)_graph.Watch.shape[0],
            });
        CudaDriverApi.Check(CudaDriverApi.EventRecord(_arrived[_launched % Most], context.Stream), "cuEventRecord");
        _launched++;
    }

    /// <summary>Waits for the oldest step that has not been read.</summary>
    public GreedyChoice[] Read()
    {
        if (_read == _launched)
            throw new InvalidOperationException("no step is under way");
        CudaDriverApi.Check(CudaDriverApi.EventSynchronize(_arrived[_read % Most]), "cuEventSynchronize");
        var figures = new ReadOnlySpan<int>((void*)At(_read), _rows * Figures);
        var choices = new GreedyChoice[_slots.Length];
        for (var row = 0; row < choices.Length; row++)
            choices[row] = new(figures[row * Figures], figures[(row * Figures) + 1] != 0, figures[(row * Figures) + 2] is >= 0 and var layer ? layer : null);
        _read++;
        return choices;
    }

    /// <summary>Writes the rows' states back; what is under way ends first.</summary>
    public void Dispose()
    {
        while (_read < _launched)
            Read();
        if (_state is { } state)
            Move(_own, [.. Enumerable.Range(0, _slots.Length)], state, _slots);
        _state = null;
    }

    /// <summary>There will be no other decoding.</summary>
    internal void Release()
    {
        Dispose();
        _graph.Dispose();
        _own.Dispose();
        _normal.Dispose();
        _logits.Dispose();
        foreach (var arrived in _arrived)
            _ = CudaDriverApi.EventDestroy(arrived);
        _ = CudaDriverApi.HostFree(_results);
        _results = 0;
    }

    private void Move(MambaState from, int[] rows, MambaState to, int[]? targets)
    {
        var (sources, there) = (_tables.Rows(rows), targets is null ? null : _tables.Rows(targets));
        for (var layer = 0; layer < from.LayerCount; layer++)
        {
            _kernels.Copy(from.Convolution(layer), sources, to.Convolution(layer), there);
            _kernels.Copy(from.Ssm(layer), sources, to.Ssm(layer), there);
        }
    }

    private nint At(int step) => _results + (nint)(step % Most * _rows * Figures * sizeof(int));
}
