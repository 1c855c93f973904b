using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>What a model expects when the bias of one layer's step sizes (dt_proj.bias, or dt_bias) is scaled.</summary>
public static class DeltaBias
{
    /// <summary>For each factor the sum over the text's positions of KL(as it is ‖ scaled) of the next-token distribution, nats. The model is as before afterwards.</summary>
    public static double[] KlSums(MambaModel model, IReadOnlyList<int> tokens, int layer, IReadOnlyList<double> factors, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var bias = model.Weights.Layers[layer].DeltaBias;
        var kept = bias.clone();
        var reference = Log(model, tokens, cancellationToken);
        var sums = new double[factors.Count];
        try
        {
            for (var index = 0; index < factors.Count; index++)
            {
                using var inner = NewDisposeScope();
                bias.copy_(kept * factors[index]);
                sums[index] = (reference.exp() * (reference - Log(model, tokens, cancellationToken))).sum().item<double>();
            }
        }
        finally
        {
            bias.copy_(kept);
        }

        return sums;
    }

    private static Tensor Log(MambaModel model, IReadOnlyList<int> tokens, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var pass = new Pass(TokenSpans.Full(1, tokens.Count));
        using var state = model.NewState(pass);
        var x = model.RunLayers(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]), state, pass, cancellationToken);
        return nn.functional.log_softmax(model.Head(x), -1).to(float64).MoveToOuterDisposeScope();
    }
}
