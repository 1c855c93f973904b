using Sweep.Models.Kernels;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// Rows that enter a pass at a site of a layer: each starts as a copy of an earlier row's activations there, before the interventions of
/// that site, so that everything below is computed once. They follow the rows that are there already.
/// </summary>
public sealed record RowJoin(int Layer, Site Site, IReadOnlyList<int> Sources);

/// <summary>One row of a pass.</summary>
public sealed record PassRow
{
    /// <summary>Null: not steered.</summary>
    public RowSteering? Steering { get; init; }

    /// <summary>Positions before it belong to the prompt, the one just before it is the prompt's last; 0 in decoding.</summary>
    public required int PromptEnd { get; init; }

    public InterventionMeter? Meter { get; init; }
}

/// <summary>What one run through the layers needs to know of its rows, and what it found out about them.</summary>
public sealed class Pass
{
    private readonly RowJoin[] _joins;
    private readonly List<TokenSpans> _spans = [];
    private readonly Dictionary<(int Layer, Site Site), List<int>> _steering = [];
    private readonly Dictionary<(int Layer, Site Site), int[]> _steered = [];

    /// <param name="spans">Spans of the rows that are there from the first layer; rows that join have those of their sources.</param>
    /// <param name="joins">In any order; those of one place keep theirs.</param>
    /// <param name="rows">Every row of the pass in its final order, the joined ones after the others in the order of their joins; null: nothing is steered.</param>
    public Pass(TokenSpans spans, IReadOnlyList<RowJoin>? joins = null, IReadOnlyList<PassRow>? rows = null, IActivationRecorder? recorder = null)
    {
        Recorder = recorder;
        _joins = [.. (joins ?? []).OrderBy(join => (join.Layer, JoinOrder.Of(join.Site)))];
        _spans.Add(spans);
        foreach (var join in _joins)
        {
            var before = _spans[^1];
            if (join.Sources.Any(source => source < 0 || source >= before.Rows))
                throw new ArgumentException($"a row that joins at {join.Site} of layer {join.Layer} has no source among the {before.Rows} rows there");
            _spans.Add(new([.. before.Start, .. join.Sources.Select(source => before.Start[source])], [.. before.End, .. join.Sources.Select(source => before.End[source])], before.Length));
        }

        RowCount = _spans[^1].Rows;
        if (rows is not null && rows.Count != RowCount)
            throw new ArgumentException($"{rows.Count} rows are described, the pass has {RowCount}");
        Rows = rows;
        Diverged = new (int, int)?[RowCount];
        foreach (var (row, index) in (rows ?? []).Select((row, index) => (row, index)))
        {
            row.Meter?.BeginPass();
            if (row.Steering is { } steering)
                Register(steering, row.PromptEnd, index);
        }

        _steered = _steering.ToDictionary(item => item.Key, item => item.Value.ToArray());
    }

    private Pass(Pass former)
    {
        (Recorder, _joins, _spans, _steering, _steered) = (former.Recorder, former._joins, former._spans, former._steering, former._steered);
        (RowCount, Rows, Writer, IsWatched, Slots, Wanted) = (former.RowCount, former.Rows, former.Writer, former.IsWatched, former.Slots, former.Wanted);
        Diverged = new (int, int)?[RowCount];
        foreach (var row in Rows ?? [])
            row.Meter?.BeginPass();
    }

    private Pass(Pass whole, int layer, int first, int count)
    {
        var spans = whole.SpansAt(layer, JoinOrder.BlockOutput);
        _joins = [];
        _spans.Add(new(spans.Start.Slice(first, count).ToArray(), spans.End.Slice(first, count).ToArray(), spans.Length));
        foreach (var (place, rows) in whole._steered.Where(item => item.Key.Layer == layer))
        {
            int[] inside = [.. rows.Where(row => row >= first && row < first + count).Select(row => row - first)];
            if (inside.Length > 0)
                _steered[place] = inside;
        }

        RowCount = count;
        Rows = whole.Rows is null ? null : [.. whole.Rows.Skip(first).Take(count)];
        Diverged = new (int, int)?[count];
        Writer = whole.Writer;
    }

    /// <summary>Where in the state each row of the pass, in its final order, has its own; null: row i has the i-th. See <see cref="MambaModel.HasSlots"/>.</summary>
    public IReadOnlyList<int>? Slots { get; init; }

    /// <summary>
    /// The one position of each row, in its final order, whose output of the last block is asked for: <see cref="MambaModel.RunLayers"/> returns these alone, [rows, 1, d_model]. What the last block
    /// would make of other positions need not be computed then, nor looked through for numbers that are not finite. Null: all.
    /// </summary>
    public IReadOnlyList<int>? Wanted { get; init; }

    /// <summary>The same rows, joins and interventions once more, on the tokens after these.</summary>
    public Pass Again() => new(this);

    /// <summary>Rows at the end of the pass.</summary>
    public int RowCount { get; }

    /// <summary>Spans of the rows at the end of the pass.</summary>
    public TokenSpans Spans => _spans[^1];

    /// <summary>
    /// First position where a row's residual stream left the finite numbers, and the lowest layer where it did so there: what reading token by token would have met first.
    /// </summary>
    public IReadOnlyList<(int Layer, int Position)?> DivergedAt => Diverged;

    internal (int Layer, int Position)?[] Diverged { get; }

    internal IReadOnlyList<PassRow>? Rows { get; }

    internal IActivationRecorder? Recorder { get; }

    internal InterventionWriter Writer { get; init; } = InterventionWriter.Default;

    /// <summary>Somebody may ask where rows left the finite numbers.</summary>
    internal bool IsWatched { get; init; } = true;

    /// <summary>What is still on the device of this pass; see <see cref="BlockOperations.Finish"/>.</summary>
    internal CudaPassLog? DeviceLog { get; set; }

    /// <summary>A block's output and its norm for the next block, where one step computed both.</summary>
    internal (Tensor Source, Tensor Normal)? Normalized { get; set; }

    internal void NoteDivergence(int row, int layer, int position)
    {
        if (Diverged[row] is not var (_, known) || position < known)
            Diverged[row] = (layer, position);
    }

    /// <summary>Whether a layer's rows can be run in groups: nobody joins there and nobody wants to see them together.</summary>
    internal bool CanSplit(int layer) => Recorder is null && !_joins.Any(join => join.Layer == layer);

    /// <summary>Some of the rows of a layer without joins, as a pass of that layer alone.</summary>
    internal Pass Slice(int layer, int first, int count) => new(this, layer, first, count);

    /// <summary>Takes over what a slice found out.</summary>
    internal void Absorb(Pass slice, int first)
    {
        for (var row = 0; row < slice.RowCount; row++)
        {
            if (slice.Diverged[row] is var (layer, position))
                NoteDivergence(first + row, layer, position);
        }
    }

    /// <summary>Rows whose convolution runs in a layer.</summary>
    public int ConvolutionRows(int layer) => SpansAt(layer, JoinOrder.BlockInput).Rows;

    /// <summary>Rows whose scan runs in a layer.</summary>
    public int SsmRows(int layer) => SpansAt(layer, JoinOrder.Delta).Rows;

    /// <summary>Spans of the rows that are there once those that join here have joined.</summary>
    internal TokenSpans SpansAt(int layer, int order)
    {
        var count = 0;
        while (count < _joins.Length && (_joins[count].Layer, JoinOrder.Of(_joins[count].Site)).CompareTo((layer, order)) <= 0)
            count++;
        return _spans[count];
    }

    /// <summary>Sources of the rows that join exactly here.</summary>
    internal int[] JoiningAt(int layer, int order) =>
        [.. _joins.Where(join => join.Layer == layer && JoinOrder.Of(join.Site) == order).SelectMany(join => join.Sources)];

    /// <summary>No row joins, is steered or is recorded at these places of a layer: nobody looks at what is computed there.</summary>
    internal bool IsQuietBetween(int layer, int firstOrder, int lastOrder)
    {
        bool Between(int order) => order >= firstOrder && order <= lastOrder;
        return !_joins.Any(join => join.Layer == layer && Between(JoinOrder.Of(join.Site)))
            && !_steered.Keys.Any(place => place.Layer == layer && Between(JoinOrder.Of(place.Site)))
            && (Recorder is null || !(Recorder.Wants(layer, Site.Delta) || Recorder.Wants(layer, Site.SsmState) || Recorder.Wants(layer, Site.SsmOutput) || Recorder.Wants(layer, Site.Gate)));
    }

    /// <summary>Nobody joins, is steered or is recorded anywhere in a layer.</summary>
    internal bool IsQuiet(int layer) => Recorder is null && !_joins.Any(join => join.Layer == layer) && !_steered.Keys.Any(place => place.Layer == layer);

    /// <summary>Nobody joins, is steered or is recorded at all.</summary>
    internal bool IsQuiet() => Recorder is null && _joins.Length == 0 && _steered.Count == 0;

    /// <summary>Between a layer's sum and the next layer's norm no row joins or is steered: the two can be computed in one step.</summary>
    internal bool IsQuietAfter(int layer) =>
        !_joins.Any(join => (join.Layer == layer && join.Site == Site.ResidualPost) || (join.Layer == layer + 1 && join.Site == Site.ResidualPre))
        && !_steered.ContainsKey((layer, Site.ResidualPost)) && !_steered.ContainsKey((layer + 1, Site.ResidualPre));

    /// <summary>Notes where a row is steered in this pass; an intervention that touches none of its positions may lie below the row's join.</summary>
    private void Register(RowSteering steering, int promptEnd, int row)
    {
        var (start, end) = (Spans.Start[row], Spans.End[row]);
        foreach (var place in steering.Places)
        {
            var touches = false;
            foreach (var intervention in steering.At(place.Layer, place.Site))
                touches |= intervention.Touched(start, end, promptEnd) is var (from, to) && to > from;
            if (!touches)
                continue;
            if (row >= SpansAt(place.Layer, JoinOrder.Of(place.Site)).Rows)
                throw new ArgumentException($"row {row} joins after {place.Site} of layer {place.Layer}, where it is steered");
            if (!_steering.TryGetValue(place, out var rows))
                _steering[place] = rows = [];
            rows.Add(row);
        }
    }

    internal ReadOnlySpan<int> SteeredAt(int layer, Site site) => _steered.GetValueOrDefault((layer, site));
}

/// <summary>Where in a block rows can join, in the order of computation.</summary>
internal static class JoinOrder
{
    public const int BlockInput = 0;
    public const int Convolution = 1;
    public const int Delta = 2;
    public const int ScanOutput = 3;
    public const int GatedOutput = 4;
    public const int MixerOutput = 5;
    public const int BlockOutput = 6;

    public static int Of(Site site) => site switch
    {
        Site.ResidualPre => BlockInput,
        Site.Convolution => Convolution,
        Site.Delta => Delta,
        Site.SsmOutput or Site.Gate => ScanOutput,
        Site.GatedOutput => GatedOutput,
        Site.MixerOutput => MixerOutput,
        Site.ResidualPost => BlockOutput,
        _ => throw new NotSupportedException($"no row can join at {site}"),
    };
}
