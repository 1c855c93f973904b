using Sweep.Models.Architectures;
using Sweep.Models.Kernels;
using Sweep.Models.Steering;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// A model of the Mamba family for next-token prediction: embedding, blocks of one architecture, norm and head (method: Gu and Dao, "Mamba: linear-time sequence modeling with selective state
/// spaces"; the checkpoint names are transformers'). Tensors are [rows, positions, channels]. Not thread-safe.
/// </summary>
public sealed class MambaModel : IDisposable
{
    /// <summary>Positions that the CPU form takes through a block at a time.</summary>
    private const long PositionsAtOnce = 1024;

    private readonly ModelWeights _weights;

    /// <summary>Takes ownership of the tensors, whose names and shapes are those of a transformers checkpoint.</summary>
    /// <param name="config">Of the checkpoint.</param>
    /// <param name="tensors">By name.</param>
    /// <param name="device">Default: the processor.</param>
    /// <param name="dtype">Of weights and activations.</param>
    /// <param name="tf32">On a CUDA device fp32 factors of matrix products are rounded to tf32; the processor has none of it.</param>
    /// <exception cref="InvalidCheckpointException">A tensor is missing or has another shape than the config says.</exception>
    public MambaModel(ModelConfig config, IReadOnlyDictionary<string, Tensor> tensors, Device? device = null, ScalarType dtype = ScalarType.Float32, bool tf32 = false)
        : this(config, tensors, device ?? CPU, dtype, null, tf32)
    {
    }

    /// <summary>With the form of the steps chosen, so that a test can hold the two forms against each other in one dtype.</summary>
    internal MambaModel(ModelConfig config, IReadOnlyDictionary<string, Tensor> tensors, Device device, ScalarType dtype, BlockOperations? operations, bool tf32 = false)
    {
        Config = config;
        Device = device;
        Dtype = dtype;
        _weights = new(config, tensors, Device, dtype);
        try
        {
            Operations = operations ?? OperationsOf(tf32);
        }
        catch
        {
            _weights.Dispose();
            throw;
        }

        Blocks = [.. _weights.Layers.Select((weights, layer) =>
            config.Architecture.CreateBlock(config, weights, layer + 1 < config.LayerCount ? _weights.Layers[layer + 1].Norm : null, Operations, layer))];
    }

    public ModelConfig Config { get; }

    public Device Device { get; }

    /// <summary>Dtype of the weights and activations; states and logits are fp32.</summary>
    public ScalarType Dtype { get; }

    public BlockOperations Operations { get; }

    internal ModelWeights Weights => _weights;

    internal IReadOnlyList<Block> Blocks { get; }

    /// <summary>An empty state for a pass.</summary>
    public MambaState NewState(Pass pass) => new(
        [.. Enumerable.Range(0, Config.LayerCount).Select(layer => zeros([pass.ConvolutionRows(layer), Config.DConv, Config.ConvolutionWidth], Dtype, Device))],
        [.. Enumerable.Range(0, Config.LayerCount).Select(layer => zeros([pass.SsmRows(layer), Config.DState, Config.DInner], float32, Device))]);

    /// <summary>int64 tokens [rows, positions], padding included from 0 to V − 1 → residual stream [rows, positions, d_model].</summary>
    public Tensor Embed(Tensor tokens) => Operations.Embed(tokens, _weights.Embedding, ResidualDtype);

    /// <summary>
    /// One block; consumes x, updates the layer's state in place, returns the residual stream of the rows at the block's end, which may be x itself.
    /// </summary>
    public Tensor RunLayer(int layer, Tensor x, MambaState state, Pass pass)
    {
        using var gradients = no_grad();
        var rows = (int)Math.Max(1, PositionsAtOnce / x.shape[1]);
        if (Operations is not CpuOperations || x.shape[0] <= rows || !pass.CanSplit(layer))
            return Blocks[layer].Run(x, state.Convolution(layer), state.Ssm(layer), pass);

        // Groups of rows whose activations stay in the processor's caches; the bits of a row do not depend on its group.
        for (var first = 0; first < x.shape[0]; first += rows)
        {
            using var scope = NewDisposeScope();
            var count = (int)Math.Min(rows, x.shape[0] - first);
            var slice = pass.Slice(layer, first, count);
            var group = x.narrow(0, first, count);
            var output = Blocks[layer].Run(group, state.Convolution(layer).narrow(0, first, count), state.Ssm(layer).narrow(0, first, count), slice);
            if (!ReferenceEquals(output, group))
                group.copy_(output);
            pass.Absorb(slice, first);
        }

        return x;
    }

    /// <summary>All blocks: the residual stream after the last one, before the final norm.</summary>
    public Tensor RunLayers(Tensor tokens, MambaState state, Pass pass, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        Operations.BeginPass(pass);
        try
        {
            return RunBlocks(tokens, state, pass, cancellationToken).MoveToOuterDisposeScope();
        }
        finally
        {
            Operations.EndPass();
        }
    }

    /// <summary>States of passes of this model may lie anywhere in it: <see cref="Pass.Slots"/> and <see cref="MambaState.Copy"/>.</summary>
    public bool HasSlots => Operations.HasSlots;

    /// <summary>Greedy decoding that nobody looks into, without the host between two steps; null: not here, steps are passes.</summary>
    /// <param name="state">Read and updated from now on.</param>
    /// <param name="slots">Where each row's state lies in it.</param>
    /// <param name="tokens">What each row reads first.</param>
    public GreedySteps? BeginGreedy(MambaState state, IReadOnlyList<int> slots, IReadOnlyList<int> tokens) => Operations.BeginGreedy(_weights, Config, state, slots, tokens);

    private Tensor RunBlocks(Tensor tokens, MambaState state, Pass pass, CancellationToken cancellationToken)
    {
        if (Operations.RunStep(tokens, _weights.Embedding, state, pass) is { } stepped)
        {
            Operations.Finish(pass);
            return stepped;
        }

        var x = Embed(tokens);
        for (var layer = 0; layer < Config.LayerCount; layer++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = pass.Wanted is not null && layer + 1 == Config.LayerCount ? RunLast(x, state, pass) : RunLayer(layer, x, state, pass);
            if (!ReferenceEquals(next, x))
                x.Dispose();
            x = next;
        }

        Operations.Finish(pass);
        return x;
    }

    private Tensor RunLast(Tensor x, MambaState state, Pass pass)
    {
        var layer = Config.LayerCount - 1;
        if (Operations.RunLast(x, state.Convolution(layer), state.Ssm(layer), pass) is { } wanted)
            return wanted;
        using var scope = NewDisposeScope();
        var all = RunLayer(layer, x, state, pass);
        using var index = tensor([.. pass.Wanted!.Select((position, row) => (row * all.shape[1]) + position)], dtype: int64, device: Device);
        return all.reshape(-1, Config.DModel).index_select(0, index).unsqueeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>The final norm.</summary>
    public Tensor FinalNorm(Tensor x) => Operations.Norm(x, _weights.FinalNorm, Config.NormEpsilon);

    /// <summary>Final norm and head: residual stream [.., d_model] → logits [.., V], fp32.</summary>
    public Tensor Head(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Operations.Logits(FinalNorm(x), _weights.Head).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of all positions [rows, positions, V] in one pass. Rows describe steering; null: none. With a state, reads on from it and updates it.</summary>
    public Tensor Forward(
        Tensor tokens, TokenSpans? spans = null, IReadOnlyList<PassRow>? rows = null, IActivationRecorder? recorder = null, MambaState? state = null)
    {
        using var scope = NewDisposeScope();
        var pass = new Pass(spans ?? TokenSpans.Full((int)tokens.shape[0], (int)tokens.shape[1]), null, rows, recorder) { IsWatched = false };
        using var own = state is null ? NewState(pass) : null;
        return Head(RunLayers(tokens, state ?? own!, pass)).MoveToOuterDisposeScope();
    }

    /// <summary>Reads prompts: logits after each row's last token [rows, V], and the state to go on from, owned by the caller.</summary>
    public (Tensor Logits, MambaState State) Prefill(Tensor tokens, TokenSpans? spans = null, IReadOnlyList<PassRow>? rows = null)
    {
        using var scope = NewDisposeScope();
        spans ??= TokenSpans.Full((int)tokens.shape[0], (int)tokens.shape[1]);
        for (var row = 0; row < spans.Rows; row++)
        {
            if (spans.End[row] == spans.Start[row])
                throw new ArgumentException($"row {row} has no token, and no logits follow from none");
        }

        var pass = new Pass(spans, null, rows) { IsWatched = false, Wanted = [.. Enumerable.Range(0, spans.Rows).Select(row => spans.End[row] - 1)] };
        var state = NewState(pass);
        return (Head(RunLayers(tokens, state, pass).squeeze(1)).MoveToOuterDisposeScope(), state);
    }

    /// <summary>One more token a row, int64 [rows]: logits [rows, V]; the state is updated in place.</summary>
    public Tensor Step(Tensor tokens, MambaState state, IReadOnlyList<PassRow>? rows = null)
    {
        using var scope = NewDisposeScope();
        return Forward(tokens.unsqueeze(1), null, rows, null, state).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>Gives back the device's memory that is kept for the next pass; between passes only.</summary>
    public void ReleaseCaches() => Operations.ReleaseCaches();

    public void Dispose()
    {
        _weights.Dispose();
        (Operations as IDisposable)?.Dispose();
    }

    private ScalarType ResidualDtype => Config.ResidualInFp32 ? ScalarType.Float32 : Dtype;

    private BlockOperations OperationsOf(bool tf32) => Device.type switch
    {
        DeviceType.CUDA => new CudaOperations(Config, _weights, Device, Dtype, ResidualDtype, tf32),
        DeviceType.CPU when Dtype == ScalarType.Float32 => new CpuOperations(),
        _ => new TorchOperations(),
    };
}
