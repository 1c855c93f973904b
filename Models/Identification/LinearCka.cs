using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>
/// Linear centred kernel alignment of two representations of the same positions (Kornblith, Norouzi, Lee, Hinton, ICML 2019): 1 where one is the other
/// turned, shifted and scaled as a whole, 0 where no linear function of the one correlates with any of the other.
/// </summary>
public static class LinearCka
{
    /// <summary>‖Y'X‖² / (‖X'X‖ ‖Y'Y‖) of matrices [positions, width] whose columns are centred first; null where one of them never changes.</summary>
    public static double? Of(Tensor x, Tensor y)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Centred(x), Centred(y));
        var scale = Norm(a, a) * Norm(b, b);
        var cross = Norm(a, b);
        return scale > 0 ? cross * cross / scale : null;
    }

    /// <summary>Every pair of representations; symmetric.</summary>
    public static double?[][] Matrix(IReadOnlyList<Tensor> representations)
    {
        using var scope = NewDisposeScope();
        var centred = representations.Select(Centred).ToArray();
        var own = centred.Select(one => Norm(one, one)).ToArray();
        var matrix = centred.Select(_ => new double?[centred.Length]).ToArray();
        for (var i = 0; i < centred.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var cross = i == j ? own[i] : Norm(centred[i], centred[j]);
                var scale = own[i] * own[j];
                matrix[i][j] = matrix[j][i] = scale == 0 ? null : i == j ? 1 : cross * cross / scale;
            }
        }

        return matrix;
    }

    private static Tensor Centred(Tensor x)
    {
        var values = x.to(float64).cpu();
        return values - values.mean([0], true);
    }

    /// <summary>‖B'A‖.</summary>
    private static double Norm(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(b.t().mm(a).square().sum().item<double>());
    }
}
