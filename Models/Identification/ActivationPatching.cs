using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>Channels of one site of one layer that are taken from another run, at every position.</summary>
public sealed record Patch
{
    /// <summary>0-based.</summary>
    public required int Layer { get; init; }

    public required Site Site { get; init; }

    /// <summary>Ascending, distinct.</summary>
    public required IReadOnlyList<int> Channels { get; init; }
}

/// <summary>
/// Runs a clean and a corrupted prompt of the same length, and each again with activations of the other: what carries the answer is necessary where the clean run loses it with
/// corrupted activations, and sufficient where the corrupted run gets it with clean ones.
/// </summary>
public static class ActivationPatching
{
    /// <summary>Differences of log-probability of two tokens after the prompt: that of the clean prompt's answer less that of the corrupted prompt's.</summary>
    /// <param name="Clean">Unpatched.</param>
    /// <param name="Corrupted">Unpatched.</param>
    /// <param name="CleanPatched">One a patch: the clean run with corrupted activations.</param>
    /// <param name="CorruptedPatched">One a patch: the corrupted run with clean activations.</param>
    public sealed record Outcome(double Clean, double Corrupted, IReadOnlyList<double> CleanPatched, IReadOnlyList<double> CorruptedPatched);

    public static Outcome Run(
        MambaModel model, IReadOnlyList<int> clean, IReadOnlyList<int> corrupted, int answer, int other, IReadOnlyList<Patch> patches, CancellationToken cancellationToken)
    {
        if (clean.Count != corrupted.Count || clean.Count == 0)
            throw new ArgumentException($"a clean prompt of {clean.Count} tokens and a corrupted one of {corrupted.Count}, expected as many and at least one");
        using var scope = NewDisposeScope();
        using var ofClean = Record(model, clean, patches, cancellationToken);
        using var ofCorrupted = Record(model, corrupted, patches, cancellationToken);
        var first = Differences(model, clean, patches, ofCorrupted, answer, other, cancellationToken);
        var second = Differences(model, corrupted, patches, ofClean, answer, other, cancellationToken);
        return new Outcome(first[0], second[0], first[1..], second[1..]);
    }

    private static ActivationRecorder Record(MambaModel model, IReadOnlyList<int> tokens, IReadOnlyList<Patch> patches, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var recorder = new ActivationRecorder(patches.Select(patch => (patch.Layer, patch.Site)));
        var pass = new Pass(TokenSpans.Full(1, tokens.Count), null, null, recorder);
        using var state = model.NewState(pass);
        model.RunLayers(Input(tokens), state, pass, cancellationToken);
        return recorder;
    }

    /// <summary>Unpatched first, then one a patch.</summary>
    private static double[] Differences(
        MambaModel model, IReadOnlyList<int> tokens, IReadOnlyList<Patch> patches, ActivationRecorder others, int answer, int other, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var rows = patches.Index().OrderBy(patch => patch.Item.Layer).ThenBy(patch => JoinOrder.Of(patch.Item.Site)).ToArray();
        // Values are only there to be of the right number: the writer puts the other run's in their place.
        var interventions = rows.Select(row => new Intervention
        {
            Layer = row.Item.Layer,
            Site = row.Item.Site,
            Operation = Operation.MeanAblate,
            Channels = row.Item.Channels,
            Values = new double[row.Item.Channels.Count],
        }).ToArray();
        var writer = new PatchWriter(interventions.Select(one => (one, others[one.Layer, one.Site])));
        var pass = new Pass(
            TokenSpans.Full(1, tokens.Count),
            [.. rows.GroupBy(row => (row.Item.Layer, row.Item.Site)).Select(group => new RowJoin(group.Key.Layer, group.Key.Site, new int[group.Count()]))],
            [new PassRow { PromptEnd = tokens.Count }, .. interventions.Select(one => new PassRow { Steering = new RowSteering([one], model.Config), PromptEnd = tokens.Count })])
        {
            Writer = writer,
        };
        using var state = model.NewState(pass);
        var x = model.RunLayers(Input(tokens), state, pass, cancellationToken); // [1 + patches, L, d]
        var logits = model.Head(x.narrow(1, tokens.Count - 1, 1).contiguous()).squeeze(1).to(float64).cpu(); // [1 + patches, V]
        var differences = (logits.select(1, answer) - logits.select(1, other)).data<double>().ToArray();
        var result = new double[patches.Count + 1];
        result[0] = differences[0];
        for (var row = 0; row < rows.Length; row++)
            result[rows[row].Index + 1] = differences[row + 1];
        return result;
    }

    private static Tensor Input(IReadOnlyList<int> tokens) => tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]);
}
