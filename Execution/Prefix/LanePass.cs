using System.Runtime.InteropServices;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using TorchSharp;

namespace Sweep.Execution.Prefix;

/// <summary>Tokens that one lane reads in a pass. Its source is a pass row of the same tokens whose activations it shares below its fork.</summary>
internal sealed record PassLane(Lane Lane, IReadOnlyList<int> Tokens)
{
    /// <summary>Null: reads its tokens from the embedding on.</summary>
    public ForkPoint? Fork { get; init; }

    /// <summary>Index of the source among the given lanes; only with a fork.</summary>
    public int Source { get; init; }

    /// <summary>The lane's own meter, or one of this pass to be added to it.</summary>
    public required InterventionMeter? Meter { get; init; }

    /// <summary>Row of the earlier state that holds this lane's, and of the one that it shared until now; see <see cref="LanePass.Carry"/>.</summary>
    public required (int Own, int Trunk) Carried { get; init; }

    /// <summary>Which of the prompt's continuations are read, if any: they differ in their last token alone.</summary>
    public IReadOnlyList<int> Continuations { get; init; } = [];
}

/// <summary>One run of many lanes through the layers: those without a fork first, then the others by their forks, so that a layer's rows are always the first ones.</summary>
internal sealed class LanePass
{
    private readonly int[]? _emitted;
    private readonly int _roots;

    private LanePass(LanePass former, int[] emitted) => (_emitted, _roots, Lanes, Length, Pass) = (emitted, former._roots, former.Lanes, 1, former.Pass.Again());

    /// <param name="hasSlots">The lanes' slots say where their states lie.</param>
    /// <param name="wantsLast">Of each lane's tokens only what follows the last is asked for.</param>
    public LanePass(IReadOnlyList<PassLane> lanes, bool isPrompt, bool hasSlots = false, bool wantsLast = false)
    {
        // By fork, equals in their order.
        var keys = new long[lanes.Count];
        for (var index = 0; index < keys.Length; index++)
            keys[index] = ((long)(lanes[index].Fork is { } fork ? fork.Key + 1 : 0) << 32) | (uint)index;
        Array.Sort(keys);
        int[] order = [.. keys.Select(key => (int)key)];
        var rowOf = new int[lanes.Count];
        for (var row = 0; row < order.Length; row++)
            rowOf[order[row]] = row;
        Lanes = [.. order.Select(index => lanes[index])];
        _roots = Lanes.TakeWhile(lane => lane.Fork is null).Count();
        Length = Lanes.Max(lane => lane.Tokens.Count);
        var joins = Lanes.Skip(_roots).GroupBy(lane => lane.Fork!.Value)
            .Select(group => new RowJoin(group.Key.Layer, group.Key.Site, [.. group.Select(lane => rowOf[lane.Source])]));
        Pass = new(
            TokenSpans.RightPadded([.. Lanes.Take(_roots).Select(lane => lane.Tokens.Count)], Length),
            [.. joins],
            [.. Lanes.Select(lane => new PassRow { Steering = lane.Lane.Row?.Steering, PromptEnd = isPrompt ? lane.Tokens.Count : 0, Meter = lane.Meter })])
        {
            Slots = hasSlots ? [.. Lanes.Select(lane => lane.Lane.Slot)] : null,
            Wanted = wantsLast ? [.. Lanes.Select(lane => lane.Tokens.Count - 1)] : null,
        };
    }

    /// <summary>In the order of the pass's rows.</summary>
    public IReadOnlyList<PassLane> Lanes { get; }

    public int Length { get; }

    public Pass Pass { get; }

    /// <summary>The same lanes once more, one token each: what they have emitted last.</summary>
    public LanePass Again() => new(this, [.. Lanes.Take(_roots).Select(lane => lane.Lane.Generated[^1])]);

    /// <summary>
    /// The state for this pass out of an earlier one: a lane's own row where the earlier layer has it, else its trunk's, which was its own too
    /// as long as both had read the same tokens.
    /// </summary>
    public MambaState Carry(MambaState earlier, BlockOperations operations)
    {
        int[] Rows(int count, long kept) => [.. Lanes.Take(count).Select(lane => lane.Carried.Own >= 0 && lane.Carried.Own < kept ? lane.Carried.Own : lane.Carried.Trunk)];
        return earlier.Gather(
            layer => Rows(Pass.ConvolutionRows(layer), earlier.Convolution(layer).shape[0]),
            layer => Rows(Pass.SsmRows(layer), earlier.Ssm(layer).shape[0]),
            operations);
    }

    /// <summary>The residual stream after the last block, [lanes, L, d_model]; [lanes, 1, d_model] where only what follows the last token is asked for.</summary>
    public torch.Tensor Run(MambaModel model, MambaState state, CancellationToken cancellationToken)
    {
        // Straight into torch's memory: as an array of the managed heap it would be a large object, and a few of these are a collection of all generations.
        using var tokens = torch.empty(_roots, Length, torch.int64);
        var values = MemoryMarshal.Cast<byte, long>(tokens.bytes);
        for (var row = 0; row < _roots; row++)
        {
            var read = Lanes[row].Tokens;
            for (var t = 0; t < Length; t++)
                values[(row * Length) + t] = _emitted is not null ? _emitted[row] : t < read.Count ? read[t] : 0;
        }

        return model.RunLayers(tokens, state, Pass, cancellationToken);
    }

    /// <summary>Gives each lane that left the finite numbers the place where; step is that of the lane's first position here.</summary>
    public void ReportDivergence(Action<PassLane, int, int> diverged)
    {
        for (var row = 0; row < Lanes.Count; row++)
        {
            if (Pass.DivergedAt[row] is { } at)
                diverged(Lanes[row], at.Layer, at.Position);
        }
    }
}
