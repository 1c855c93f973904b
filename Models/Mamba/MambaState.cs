using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>One row of a state becomes a copy of another in the layers from one place, where rows join, up to another.</summary>
/// <param name="From">Null: from the first layer on.</param>
/// <param name="To">Null: to the last.</param>
public readonly record struct StateCopy(int Source, int Target, (int Layer, Site Site)? From, (int Layer, Site Site)? To);

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

    /// <summary>Channel-last, [rows, d_conv, d_inner] of the model's dtype, oldest first.</summary>
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

    /// <summary>
    /// Rows become copies of others, each in the layers from one place to another, where rows join: what a row shared until now, it has for itself. No row is both written and read.
    /// Layers that lack the rows get room for so many.
    /// </summary>
    public void Copy(IReadOnlyList<StateCopy> copies, int room, BlockOperations operations)
    {
        foreach (var same in copies.GroupBy(copy => (copy.From, copy.To)))
        {
            int[] sources = [.. same.Select(copy => copy.Source)], targets = [.. same.Select(copy => copy.Target)];
            var most = targets.Max();
            for (var layer = 0; layer < LayerCount; layer++)
            {
                foreach (var (states, order) in ((Tensor[], int)[])[(_convolution, JoinOrder.BlockInput), (_ssm, JoinOrder.Delta)])
                {
                    if (!IsFrom(same.Key.From, layer, order) || (same.Key.To is { } to && IsFrom(to, layer, order)))
                        continue;
                    if (states[layer].shape[0] <= most)
                        Grow(states, layer, Math.Max(room, most + 1), operations);
                    operations.Copy(states[layer], sources, states[layer], targets);
                }
            }
        }
    }

    public void Dispose()
    {
        Graph?.Dispose();
        foreach (var tensor in _convolution.Concat(_ssm))
            tensor.Dispose();
    }

    /// <summary>A row that joins there has this state of its own.</summary>
    private static bool IsFrom((int Layer, Site Site)? place, int layer, int order) => place is not var (first, site) || (first, JoinOrder.Of(site)).CompareTo((layer, order)) <= 0;

    private void Grow(Tensor[] states, int layer, int room, BlockOperations operations)
    {
        var shape = states[layer].shape;
        var kept = Enumerable.Range(0, (int)shape[0]).ToArray();
        shape[0] = room;
        var larger = empty(shape, states[layer].dtype, states[layer].device).DetachFromDisposeScope();
        operations.Copy(states[layer], kept, larger, kept);
        states[layer].Dispose();
        states[layer] = larger;
        Graph?.Dispose();
        Graph = null;
    }
}
