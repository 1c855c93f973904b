using Sweep.Models.Mamba;

namespace Sweep.Execution.Prefix;

/// <summary>The states of decoding lanes from step to step, and the pass of the next step on them.</summary>
internal abstract class LaneStates(MambaModel model) : IDisposable
{
    /// <summary>Of the pass that was arranged last.</summary>
    public abstract MambaState State { get; }

    protected MambaModel Model => model;

    /// <param name="promptState">After the prompt: of <paramref name="carried"/>'s rows.</param>
    /// <param name="carried">A lane's own row of the prompt's pass, or −1, and its trunk's.</param>
    public static LaneStates Of(MambaModel model, MambaState promptState, IReadOnlyList<Lane> lanes, Func<Lane, (int Own, int Trunk)> carried) =>
        model.HasSlots ? new SlottedLaneStates(model, promptState, lanes, carried) : new CarriedLaneStates(model, promptState, carried);

    /// <summary>One step of these lanes, each of which reads the token that it has emitted last.</summary>
    /// <param name="former">The step before.</param>
    public abstract LanePass Arrange(List<Lane> live, LanePass? former);

    public virtual void Dispose()
    {
    }

    protected static LanePass Pass(List<Lane> live, Func<Lane, (int Own, int Trunk)> carried, bool hasSlots)
    {
        var index = new Dictionary<Lane, int>(live.Count);
        foreach (var lane in live)
            index[lane] = index.Count;
        var lanes = new PassLane[live.Count];
        foreach (var (at, lane) in live.Index())
        {
            lanes[at] = new(lane, [lane.Generated[^1]])
            {
                Fork = lane.Leader == lane ? null : lane.Row!.LaterFork,
                Source = index[lane.Leader],
                Meter = lane.GenerationMeter,
                Carried = carried(lane),
            };
        }

        return new(lanes, isPrompt: false, hasSlots);
    }
}

/// <summary>A pass's rows have the first rows of the state, in order: whenever the rows change, all states are copied.</summary>
internal sealed class CarriedLaneStates(MambaModel model, MambaState promptState, Func<Lane, (int Own, int Trunk)> carried) : LaneStates(model)
{
    private Dictionary<Lane, int>? _rowOf;
    private MambaState? _own;

    public override MambaState State => _own ?? promptState;

    public override LanePass Arrange(List<Lane> live, LanePass? former)
    {
        var pass = Pass(live, lane => _rowOf is null ? carried(lane) : (_rowOf[lane], _rowOf[lane.FormerLeader]), hasSlots: false);
        if (former is null || !SameRows(former, pass))
        {
            var next = pass.Carry(State, Model.Operations);
            Dispose();
            _own = next;
        }

        _rowOf = pass.Lanes.Index().ToDictionary(item => item.Item.Lane, item => item.Index);
        return pass;
    }

    public override void Dispose() => _own?.Dispose();

    private static bool SameRows(LanePass a, LanePass b) =>
        a.Lanes.Count == b.Lanes.Count && a.Lanes.Zip(b.Lanes).All(pair => pair.First.Lane == pair.Second.Lane && pair.First.Fork == pair.Second.Fork);
}

/// <summary>A lane has the same row of the state in all steps: what it shared with its leader is copied once, when they part, and lanes that end leave their rows behind.</summary>
internal sealed class SlottedLaneStates : LaneStates
{
    private readonly int _room;

    public SlottedLaneStates(MambaModel model, MambaState promptState, IReadOnlyList<Lane> lanes, Func<Lane, (int Own, int Trunk)> carried)
        : base(model)
    {
        State = promptState;
        var next = lanes.Max(lane => carried(lane).Own) + 1;
        foreach (var lane in lanes)
        {
            var own = carried(lane).Own;
            lane.Slot = own >= 0 ? own : next++;
            lane.OwnsFrom = lane.IsRoot ? LayerPlace.Start : own >= 0 ? new(lane.Row!.PromptFork) : null;
        }

        _room = next;
    }

    public override MambaState State { get; }

    public override LanePass Arrange(List<Lane> live, LanePass? former)
    {
        if (former is not null && former.Lanes.Count == live.Count && former.Lanes.All(lane => lane.Lane.FormerLeader == lane.Lane.Leader))
            return former.Again();
        List<StateCopy> copies = [];
        foreach (var lane in live)
        {
            LayerPlace needed = new(lane.Leader == lane ? null : lane.Row!.LaterFork);
            if (lane.OwnsFrom is { } owned && needed.CompareTo(owned) >= 0)
                continue;
            copies.Add(new(lane.FormerLeader.Slot, lane.Slot, needed.AsJoin, lane.OwnsFrom?.AsJoin));
            lane.OwnsFrom = needed;
        }

        State.Copy(copies, _room, Model.Operations);
        return Pass(live, lane => (lane.Slot, lane.Slot), hasSlots: true);
    }
}

/// <summary>A fork, or the start of the first layer (null).</summary>
internal readonly record struct LayerPlace(ForkPoint? Fork) : IComparable<LayerPlace>
{
    public static LayerPlace Start => default;

    public (int Layer, Sweep.Models.Steering.Site Site)? AsJoin => Fork is { } fork ? (fork.Layer, fork.Site) : null;

    public int CompareTo(LayerPlace other) => (Fork?.Key ?? -1).CompareTo(other.Fork?.Key ?? -1);
}
