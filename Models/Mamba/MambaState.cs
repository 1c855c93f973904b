using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// What a model remembers of the tokens that it has read, for each layer and row: the last d_conv inputs of the convolution and the SSM state.
/// A layer holds as many rows as its convolution and its scan run in a pass; rows that join later share those of their sources.
/// </summary>
public sealed class MambaState : IDisposable
{
    private readonly Tensor[] _convolution;
    private readonly Tensor[] _ssm;

    internal MambaState(Tensor[] convolution, Tensor[] ssm)
    {
        _convolution = [.. convolution.Select(tensor => tensor.DetachFromDisposeScope())];
        _ssm = [.. ssm.Select(tensor => tensor.DetachFromDisposeScope())];
    }

    public int LayerCount => _ssm.Length;

    /// <summary>Steps that nobody looked into so far.</summary>
    internal int QuietSteps { get; set; }

    /// <summary>Reads on from this state.</summary>
    internal StepGraph? Graph { get; set; }

    /// <summary>Channel-last, [rows, d_conv, convolved channels] of the model's dtype, oldest first.</summary>
    public Tensor Convolution(int layer) => _convolution[layer];

    /// <summary>Channel-last, [rows, d_state, d_inner] fp32.</summary>
    public Tensor Ssm(int layer) => _ssm[layer];

    /// <summary>A new state whose rows are copies of these rows of this one, chosen for each layer's two tensors.</summary>
    public MambaState Gather(Func<int, IReadOnlyList<int>> convolutionRows, Func<int, IReadOnlyList<int>> ssmRows, BlockOperations operations)
    {
        using var scope = NewDisposeScope();
        return new(
            [.. _convolution.Select((tensor, layer) => operations.Gather(tensor, convolutionRows(layer)))],
            [.. _ssm.Select((tensor, layer) => operations.Gather(tensor, ssmRows(layer)))]);
    }

    public void Dispose()
    {
        Graph?.Dispose();
        foreach (var tensor in _convolution.Concat(_ssm))
            tensor.Dispose();
    }
}
