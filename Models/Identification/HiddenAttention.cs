using Sweep.Models.Architectures;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>
/// The selective scan written as attention (Ali, Zimerman, Wolf, "The hidden attention of Mamba models", 2024): y_t = Σ_j α_{t,j} h_j + D h_t with
/// α_{t,j,e} = Σ_n C_{t,n} · exp(A_{e,n} Σ_{k=j+1..t} Δ_{k,e}) · Δ_{j,e} B_{j,n}, j ≤ t. Where channels share Δ, A, B and C (a head of Mamba-2) they share α, and e is the head.
/// </summary>
public static class HiddenAttention
{
    /// <summary>α of every inner channel or head, [E, L, L] in double: row t, column j, 0 above the diagonal.</summary>
    public static Tensor Maps(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var length = tokens.Count;
        var maps = Inputs(model, tokens, layer, cancellationToken).Select(scan =>
        {
            var steps = scan.Delta.cumsum(0); // [L, E]
            var sum = zeros([scan.Delta.shape[1], length, length], float64);
            for (var n = 0; n < scan.A.shape[0]; n++)
            {
                // Σ_{k=j+1..t} Δ_k = S_t − S_j; above the diagonal it is negative and times A may overflow, so it is cut before.
                var spans = (steps.t().unsqueeze(2) - steps.t().unsqueeze(1)).clamp_min(0); // [E, L, L]
                sum += scan.C.select(1, n).view(1, length, 1) * (spans * scan.A[n].view(-1, 1, 1)).exp() * (scan.Delta.t() * scan.B.select(1, n).unsqueeze(0)).unsqueeze(1);
            }

            return sum.tril();
        });
        return cat([.. maps], 0).MoveToOuterDisposeScope();
    }

    /// <summary>Mean over inner channels of α, [t][j] with j ≤ t; nothing of [E, L, L] is ever held.</summary>
    public static double[][] MeanMap(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var scans = Inputs(model, tokens, layer, cancellationToken);
        var steps = scans.Select(scan => scan.Delta.cumsum(0)).ToArray(); // [L, E]
        var map = new double[tokens.Count][];
        for (var t = 0; t < map.Length; t++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var row = zeros([t + 1], float64);
            foreach (var (index, scan) in scans.Index())
            {
                var (left, own) = (steps[index][t] - steps[index].narrow(0, 0, t + 1), scan.Delta.narrow(0, 0, t + 1)); // [t + 1, E]
                for (var n = 0; n < scan.A.shape[0]; n++)
                    row += ((left * scan.A[n]).exp() * own).mean([1]) * scan.B.narrow(0, 0, t + 1).select(1, n) * scan.C[t][n];
            }

            map[t] = (row / scans.Count).data<double>().ToArray();
        }

        return map;
    }

    /// <summary>Mean over inner channels of α of the last position, scaled to 0..1 from its smallest to its largest value: w_t of the authors' attention-weighted channels.</summary>
    public static double[] LastWeights(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var weights = zeros([tokens.Count], float64);
        foreach (var scan in Inputs(model, tokens, layer, cancellationToken))
        {
            var left = scan.Delta.sum([0], true) - scan.Delta.cumsum(0); // [L, E], Σ_{k=j+1..L}
            for (var n = 0; n < scan.A.shape[0]; n++)
                weights += ((left * scan.A[n]).exp() * scan.Delta).mean([1]) * scan.B.select(1, n) * scan.C[^1][n];
        }

        var values = weights.data<double>().ToArray();
        double low = values.Min(), high = values.Max();
        return high > low ? [.. values.Select(value => (value - low) / (high - low))] : [.. values.Select(_ => 1.0)];
    }

    /// <summary>B, C and Δ of one text; several where channels differ in B and C, equally many channels each.</summary>
    private static IReadOnlyList<ScanParameters> Inputs(MambaModel model, IReadOnlyList<int> tokens, int layer, CancellationToken cancellationToken)
    {
        using var recorder = new ActivationRecorder([(layer, Site.SsmInput), (layer, Site.Delta)]);
        var pass = new Pass(TokenSpans.Full(1, tokens.Count), null, null, recorder);
        using var state = model.NewState(pass);
        model.RunLayers(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]), state, pass, cancellationToken).Dispose();
        return model.Blocks[layer].Parameters(recorder[layer, Site.SsmInput][0].to(float64).cpu(), recorder[layer, Site.Delta][0].to(float64).cpu());
    }
}
