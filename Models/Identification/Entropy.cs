using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>Entropies in nats.</summary>
public static class Entropy
{
    /// <summary>Sum over rows of the entropy of the softmax over the last axis.</summary>
    public static double OfSoftmax(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var log = nn.functional.log_softmax(rows.to(float64), -1);
        return -(log.exp() * log).sum().item<double>();
    }

    /// <summary>Differential entropy of a normal distribution of this variance, ½ ln(2πe·v); null without variance.</summary>
    public static double? OfNormal(double variance) => variance > 0 ? 0.5 * Math.Log(2 * Math.PI * Math.E * variance) : null;
}
