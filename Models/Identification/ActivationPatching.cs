using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>Channels of one site of one layer that are taken from another run.</summary>
public sealed record Patch
{
    /// <summary>0-based.</summary>
    public required int Layer { get; init; }

    public required Site Site { get; init; }

    /// <summary>Ascending, distinct.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>0-based, ascending, distinct; null: every position.</summary>
    public IReadOnlyList<int>? Positions { get; init; }
}

/// <summary>
/// Runs a clean and a corrupted prompt of the same length, and each again with activations of the other: what carries the answer is necessary where the clean run loses it with
/// corrupted activations, and sufficient where the corrupted run gets it with clean ones. What both prompts begin with is read once, and so is what a run has before its first
/// patched position: a patch costs what lies behind it, in positions as in layers.
/// </summary>
public static class ActivationPatching
{
    /// <summary>Patches of a pass.</summary>
    private const int PatchesAtOnce = 16;

    /// <summary>Differences of log-probability of two tokens after the prompt: that of the clean prompt's answer less that of the corrupted prompt's.</summary>
    /// <param name="Clean">Unpatched.</param>
    /// <param name="Corrupted">Unpatched.</param>
    /// <param name="Lost">One a patch: what the clean run has less with corrupted activations, by the unpatched row of the same pass.</param>
    /// <param name="Gained">One a patch: what the corrupted run has more with clean activations.</param>
    public sealed record Outcome(double Clean, double Corrupted, IReadOnlyList<double> Lost, IReadOnlyList<double> Gained);

    public static Outcome Run(
        MambaModel model, IReadOnlyList<int> clean, IReadOnlyList<int> corrupted, int answer, int other, IReadOnlyList<Patch> patches, CancellationToken cancellationToken)
    {
        if (clean.Count != corrupted.Count || clean.Count == 0)
            throw new ArgumentException($"a clean prompt of {clean.Count} tokens and a corrupted one of {corrupted.Count}, expected as many and at least one");
        using var scope = NewDisposeScope();
        // The last position is read in every case: the answer follows from it.
        var shared = clean.Zip(corrupted).Take(clean.Count - 1).TakeWhile(tokens => tokens.First == tokens.Second).Count();
        using var before = model.NewState(new Pass(TokenSpans.Full(1, 1)));
        Read(model, clean, 0, shared, before, cancellationToken);
        var first = new PatchedRun(model, clean, shared, before);
        var second = new PatchedRun(model, corrupted, shared, before);
        var (ofClean, ofCorrupted) = (first.Activations(patches, cancellationToken), second.Activations(patches, cancellationToken));
        var (intact, lost) = first.Effects(patches, ofCorrupted, answer, other, cancellationToken);
        var (broken, gained) = second.Effects(patches, ofClean, answer, other, cancellationToken);
        return new Outcome(intact, broken, [.. lost.Select(effect => 0 - effect)], gained);
    }

    /// <summary>Unsteered, one row; the state goes on.</summary>
    private static void Read(MambaModel model, IReadOnlyList<int> tokens, int from, int to, MambaState state, CancellationToken cancellationToken, IActivationRecorder? recorder = null)
    {
        if (to <= from)
            return;
        using var scope = NewDisposeScope();
        model.RunLayers(Input(tokens, from, to), state, new Pass(TokenSpans.Full(1, to - from), null, null, recorder), cancellationToken);
    }

    private static Tensor Input(IReadOnlyList<int> tokens, int from, int to) => tensor([.. tokens.Skip(from).Take(to - from).Select(token => (long)token)], [1, to - from]);

    private static MambaState Copy(MambaModel model, MambaState state, Func<int, int> convolutionRows, Func<int, int> ssmRows) =>
        state.Gather(layer => new int[convolutionRows(layer)], layer => new int[ssmRows(layer)], model.Operations);

    /// <summary>One of the two prompts from the first position at which they differ.</summary>
    /// <param name="before">The state there.</param>
    private sealed class PatchedRun(MambaModel model, IReadOnlyList<int> tokens, int shared, MambaState before)
    {
        /// <summary>What the unpatched run has at the places of the patches, [positions from the first that differs, width].</summary>
        public IReadOnlyDictionary<(int Layer, Site Site), float[]> Activations(IReadOnlyList<Patch> patches, CancellationToken cancellationToken)
        {
            using var scope = NewDisposeScope();
            (int Layer, Site Site)[] places = [.. patches.Select(patch => (patch.Layer, patch.Site)).Distinct()];
            using var recorder = new ActivationRecorder(places);
            using var state = Copy(model, before, _ => 1, _ => 1);
            Read(model, tokens, shared, tokens.Count, state, cancellationToken, recorder);
            return places.ToDictionary(place => place, place => recorder[place.Layer, place.Site].to(float32).cpu().contiguous().data<float>().ToArray());
        }

        /// <summary>The unpatched difference, and by how much it is higher under each patch.</summary>
        public (double Unpatched, double[] Effects) Effects(
            IReadOnlyList<Patch> patches, IReadOnlyDictionary<(int Layer, Site Site), float[]> others, int answer, int other, CancellationToken cancellationToken)
        {
            var effects = new double[patches.Count];
            double? unpatched = null;
            using var state = Copy(model, before, _ => 1, _ => 1);
            var reached = shared;
            // A patch of positions before the first that differs writes what is there already.
            var starting = patches.Index().Select(patch => (patch.Index, patch.Item, Start: Start(patch.Item))).Where(patch => patch.Start < tokens.Count);
            foreach (var together in starting.GroupBy(patch => patch.Start).OrderBy(group => group.Key))
            {
                Read(model, tokens, reached, together.Key, state, cancellationToken);
                reached = together.Key;
                foreach (var chunk in together.OrderBy(patch => patch.Item.Layer).ThenBy(patch => JoinOrder.Of(patch.Item.Site)).Chunk(PatchesAtOnce))
                {
                    var differences = Differences([.. chunk.Select(patch => patch.Item)], others, state, reached, answer, other, cancellationToken);
                    unpatched ??= differences[0];
                    foreach (var (patch, difference) in chunk.Zip(differences.Skip(1)))
                        effects[patch.Index] = difference - differences[0];
                }
            }

            return (unpatched ?? Differences([], others, state, reached, answer, other, cancellationToken)[0], effects);
        }

        private int Start(Patch patch) => patch.Positions is null ? shared : patch.Positions.Where(position => position >= shared).DefaultIfEmpty(tokens.Count).First();

        /// <summary>Unpatched first, then one a patch. The patches stand in the order of their joins.</summary>
        private double[] Differences(
            Patch[] patches, IReadOnlyDictionary<(int Layer, Site Site), float[]> others, MambaState state, int start, int answer, int other, CancellationToken cancellationToken)
        {
            using var scope = NewDisposeScope();
            var length = tokens.Count - start;
            // Values are only there to be of the right number: the writer puts the other run's in their place.
            var interventions = patches.Select(patch => new Intervention
            {
                Layer = patch.Layer,
                Site = patch.Site,
                Operation = Operation.MeanAblate,
                Channels = patch.Channels,
                Values = new double[patch.Channels.Count],
            }).ToArray();
            var pass = new Pass(
                TokenSpans.Full(1, length),
                [.. patches.GroupBy(patch => (patch.Layer, patch.Site)).Select(group => new RowJoin(group.Key.Layer, group.Key.Site, new int[group.Count()]))],
                [new PassRow { PromptEnd = length }, .. interventions.Select(one => new PassRow { Steering = new RowSteering([one], model.Config), PromptEnd = length })])
            {
                Writer = new PatchWriter(interventions.Zip(patches, (intervention, patch) => new PatchSource(
                    intervention, others[(patch.Layer, patch.Site)], start - shared, patch.Positions is { } positions ? [.. positions.Where(position => position >= start).Select(position => position - start)] : null))),
            };
            using var own = Copy(model, state, pass.ConvolutionRows, pass.SsmRows);
            var x = model.RunLayers(Input(tokens, start, tokens.Count), own, pass, cancellationToken); // [1 + patches, L, d]
            var logits = model.Head(x.narrow(1, length - 1, 1).contiguous()).squeeze(1).to(float64).cpu(); // [1 + patches, V]
            return (logits.select(1, answer) - logits.select(1, other)).data<double>().ToArray();
        }
    }
}
