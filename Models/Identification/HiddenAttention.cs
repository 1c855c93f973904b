using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>
/// The selective scan written as attention (Ali, Zimerman, Wolf, "The hidden attention of Mamba models", 2024): y_t = Σ_j α_{t,j} h_j + D h_t with
/// α_{t,j,e} = Σ_n C_{t,n} · exp(A_{e,n} Σ_{k=j+1..t} Δ_{k,e}) · Δ_{j,e} B_{j,n}, j ≤ t.
/// </summary>
public static class HiddenAttention
{
    /// <summary>α of every inner channel, [E, L, L] in double: row t, column j, 0 above the diagonal.</summary>
    public static Tensor Maps(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (b, c, delta) = Inputs(model, tokens, layer, cancellationToken);
        var steps = delta.cumsum(0); // [L, E]
        var a = model.Weights.Layers[layer].A.to(float64).cpu(); // [N, E]
        var length = tokens.Count;
        var maps = zeros([model.Config.DInner, length, length], float64);
        for (var n = 0; n < model.Config.DState; n++)
        {
            // Σ_{k=j+1..t} Δ_k = S_t − S_j; above the diagonal it is negative and times A may overflow, so it is cut before.
            var spans = (steps.t().unsqueeze(2) - steps.t().unsqueeze(1)).clamp_min(0); // [E, L, L]
            maps += c.select(1, n).view(1, length, 1) * (spans * a[n].view(-1, 1, 1)).exp() * (delta.t() * b.select(1, n).unsqueeze(0)).unsqueeze(1);
        }

        return maps.tril().MoveToOuterDisposeScope();
    }

    /// <summary>Mean over inner channels of α, [t][j] with j ≤ t; nothing of [E, L, L] is ever held.</summary>
    public static double[][] MeanMap(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (b, c, delta) = Inputs(model, tokens, layer, cancellationToken);
        var steps = delta.cumsum(0); // [L, E]
        var a = model.Weights.Layers[layer].A.to(float64).cpu(); // [N, E]
        var map = new double[tokens.Count][];
        for (var t = 0; t < map.Length; t++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var (left, own) = (steps[t] - steps.narrow(0, 0, t + 1), delta.narrow(0, 0, t + 1)); // [t + 1, E]
            var row = zeros([t + 1], float64);
            for (var n = 0; n < model.Config.DState; n++)
                row += ((left * a[n]).exp() * own).mean([1]) * b.narrow(0, 0, t + 1).select(1, n) * c[t][n];
            map[t] = row.data<double>().ToArray();
        }

        return map;
    }

    /// <summary>Mean over inner channels of α of the last position, scaled to 0..1 from its smallest to its largest value: w_t of the authors' attention-weighted channels.</summary>
    public static double[] LastWeights(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (b, c, delta) = Inputs(model, tokens, layer, cancellationToken);
        var a = model.Weights.Layers[layer].A.to(float64).cpu(); // [N, E]
        var left = delta.sum([0], true) - delta.cumsum(0); // [L, E], Σ_{k=j+1..L}
        var weights = zeros([tokens.Count], float64);
        for (var n = 0; n < model.Config.DState; n++)
            weights += ((left * a[n]).exp() * delta).mean([1]) * b.select(1, n) * c[^1][n];
        var values = weights.data<double>().ToArray();
        double low = values.Min(), high = values.Max();
        return high > low ? [.. values.Select(value => (value - low) / (high - low))] : [.. values.Select(_ => 1.0)];
    }

    /// <summary>B, C [L, N] and Δ [L, E] of one text, in double.</summary>
    private static (Tensor B, Tensor C, Tensor Delta) Inputs(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var recorder = new ActivationRecorder([(layer, Site.SsmInput), (layer, Site.Delta)]);
        var pass = new Pass(TokenSpans.Full(1, tokens.Count), null, null, recorder);
        using var state = model.NewState(pass);
        model.RunLayers(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]), state, pass, cancellationToken).Dispose();
        int r = model.Config.DtRank, n = model.Config.DState;
        var p = recorder[layer, Site.SsmInput][0].to(float64).cpu();
        return (p.narrow(1, r, n).clone(), p.narrow(1, r + n, n).clone(), recorder[layer, Site.Delta][0].to(float64).cpu());
    }
}
