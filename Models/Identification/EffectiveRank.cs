using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>How many directions a matrix really uses, by its singular values σ: at most its rank, 1 for a single direction.</summary>
/// <param name="Participation">(Σσ)² / Σσ².</param>
/// <param name="Entropy">exp(−Σ p ln p), p = σ / Σσ (Roy and Vetterli, EUSIPCO 2007).</param>
public sealed record EffectiveRank(double Participation, double Entropy)
{
    /// <summary>From singular values; null where all are 0.</summary>
    public static EffectiveRank? Of(IReadOnlyCollection<double> singularValues)
    {
        double sum = singularValues.Sum(), squares = singularValues.Sum(value => value * value);
        if (sum == 0)
            return null;
        var entropy = -singularValues.Where(value => value > 0).Sum(value => value / sum * Math.Log(value / sum));
        return new EffectiveRank(sum * sum / squares, Math.Exp(entropy));
    }

    /// <summary>From X'X, whose eigenvalues are the squares of X's singular values; rounding can make them a little negative.</summary>
    internal static EffectiveRank? OfGram(Tensor gram)
    {
        using var scope = NewDisposeScope();
        var eigenvalues = linalg.eigvalsh(gram).data<double>().ToArray();
        return Of([.. eigenvalues.Select(value => Math.Sqrt(Math.Max(0, value)))]);
    }
}
