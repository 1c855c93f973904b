using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>How far interventions move what a model expects of every token of a text.</summary>
public static class TokenKl
{
    /// <summary>Logits of a row of the vocabulary that are held at a time, about.</summary>
    private const long LogitsAtOnce = 4L << 20;

    /// <summary>For each list of ablations, applied together, the sum over the text's positions of KL(unsteered ‖ ablated) of the next-token distribution, nats.</summary>
    public static double[] Sums(MambaModel model, IReadOnlyList<int> tokens, IReadOnlyList<IReadOnlyList<Ablation>> rows, CancellationToken cancellationToken)
    {
        var noise = new List<NoiseSource>();
        var steered = new List<RowSteering>();
        foreach (var row in rows)
        {
            var interventions = new List<Intervention>();
            foreach (var ablation in row)
            {
                var (intervention, source) = ablation.ToIntervention();
                interventions.Add(intervention);
                if (source is not null)
                    noise.Add(source);
            }

            steered.Add(new RowSteering(interventions, model.Config));
        }

        return Sums(model, tokens, steered, noise.Count == 0 ? InterventionWriter.Default : new NoiseWriter(noise), cancellationToken);
    }

    /// <summary>
    /// For each row of interventions the sum over the text's positions of KL(unsteered ‖ steered) of the next-token distribution, nats. A row is run from
    /// the lowest place at which it is changed.
    /// </summary>
    internal static double[] Sums(MambaModel model, IReadOnlyList<int> tokens, IReadOnlyList<RowSteering> rows, InterventionWriter writer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var steered = rows.Index().Where(row => row.Item.Interventions.Count > 0).ToArray();
        var sums = new double[rows.Count];
        if (steered.Length == 0)
            return sums;
        var joins = steered.GroupBy(row => Lowest(row.Item)).OrderBy(group => group.Key.Layer).ThenBy(group => JoinOrder.Of(group.Key.Site)).ToArray();
        int[] order = [.. joins.SelectMany(group => group.Select(row => row.Index))];
        PassRow Row(RowSteering? steering) => new() { Steering = steering, PromptEnd = tokens.Count };
        var pass = new Pass(
            TokenSpans.Full(1, tokens.Count),
            [.. joins.Select(group => new RowJoin(group.Key.Layer, group.Key.Site, new int[group.Count()]))],
            [Row(null), .. order.Select(row => Row(rows[row]))])
        {
            Writer = writer,
        };
        using var state = model.NewState(pass);
        var x = model.RunLayers(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]), state, pass, cancellationToken); // [1 + rows, L, d]
        var piece = Math.Max(1, LogitsAtOnce / (model.Config.VocabularySize * x.shape[0]));
        for (long first = 0; first < tokens.Count; first += piece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var log = nn.functional.log_softmax(model.Head(x.narrow(1, first, Math.Min(piece, tokens.Count - first)).contiguous()), -1).to(float64); // [1 + rows, piece, V]
            var reference = log.narrow(0, 0, 1);
            var kl = (reference.exp() * (reference - log)).sum([1, 2]).cpu().data<double>().ToArray();
            for (var row = 0; row < order.Length; row++)
                sums[order[row]] += kl[row + 1];
        }

        return sums;
    }

    private static (int Layer, Site Site) Lowest(RowSteering row) =>
        row.Interventions.Select(intervention => (intervention.Layer, intervention.Site)).MinBy(place => (place.Layer, JoinOrder.Of(place.Site)));
}
