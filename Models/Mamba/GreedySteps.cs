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
/// may be a step behind.
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
    private readonly Tensor _slots;
    private readonly Tensor _normal;
    private readonly Tensor _logits;
    private readonly nint[] _arrived = new nint[Most];
    private nint _results;
    private int _launched;
    private int _read;

    internal GreedySteps(
        CudaKernels kernels, MatrixProducts products, DeviceTables tables, QuietBlocks blocks, MambaWeights weights, MambaConfig config, MambaState state, IReadOnlyList<int> slots,
        IReadOnlyList<int> tokens, Device device, ScalarType residual)
    {
        (_kernels, _products, _head, _norm, _epsilon, _width, _rows) = (kernels, products, weights.Head, weights.FinalNorm, (float)config.NormEpsilon, config.DModel, slots.Count);
        _slots = tables.Upload<int>([.. slots]).DetachFromDisposeScope();
        _graph = new(kernels, blocks, weights.Embedding, state, _rows, device, residual, _slots);
        using (var first = tensor([.. tokens.Select(token => (long)token)], dtype: int64))
            _graph.Tokens.copy_(first.reshape(_graph.Tokens.shape));
        _normal = empty([_rows, config.DModel], weights.Head.Matrix.dtype, device).DetachFromDisposeScope();
        _logits = empty([_rows, weights.Head.Matrix.shape[0]], float32, device).DetachFromDisposeScope();
        CudaDriverApi.Check(CudaDriverApi.HostAllocate(out _results, (nuint)(Most * _rows * Figures * sizeof(int)), CudaDriverApi.Mapped), "cuMemHostAlloc");
        for (var step = 0; step < Most; step++)
            CudaDriverApi.Check(CudaDriverApi.EventCreate(out _arrived[step], CudaDriverApi.WithoutTiming), "cuEventCreate");
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
        var choices = new GreedyChoice[_rows];
        for (var row = 0; row < _rows; row++)
            choices[row] = new(figures[row * Figures], figures[(row * Figures) + 1] != 0, figures[(row * Figures) + 2] is >= 0 and var layer ? layer : null);
        _read++;
        return choices;
    }

    public void Dispose()
    {
        // Nothing that is under way may write to what is let go.
        while (_read < _launched)
            Read();
        _graph.Dispose();
        foreach (var tensor in (Tensor[])[_slots, _normal, _logits])
            tensor.Dispose();
        foreach (var arrived in _arrived)
            _ = CudaDriverApi.EventDestroy(arrived);
        _ = CudaDriverApi.HostFree(_results);
        _results = 0;
    }

    private nint At(int step) => _results + (nint)(step % Most * _rows * Figures * sizeof(int));
}
