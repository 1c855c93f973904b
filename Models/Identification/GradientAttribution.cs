using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>A prompt with what is to be said after it: tokens that are certain, then any one of some ends.</summary>
/// <param name="Prompt">At least one token.</param>
/// <param name="Said">May be empty.</param>
/// <param name="Ends">At least one token; their probabilities add.</param>
public sealed record AttributedText(IReadOnlyList<int> Prompt, IReadOnlyList<int> Said, IReadOnlyList<int> Ends);

/// <summary>What the channels of a site contribute to the log-likelihood of a text, by its gradient. fp32 models on the CPU.</summary>
public static class GradientAttribution
{
    /// <summary>A channel, summed over positions.</summary>
    /// <param name="LogLikelihood">Of the text, nats.</param>
    /// <param name="GradientTimesActivation">The slope of the log-likelihood in a factor on the channel, at 1; less it is the first-order effect of ablating the channel.</param>
    /// <param name="IntegratedGradients">Shares of the difference that zeroing the whole site makes (Sundararajan, Taly, Yan, ICML 2017), by the midpoint rule; they add up to it but for the rule's error.</param>
    public sealed record Outcome(double LogLikelihood, IReadOnlyList<double> GradientTimesActivation, IReadOnlyList<double>? IntegratedGradients);

    public static bool Supports(Site site) => DifferentiableTail.Supports(site);

    /// <param name="steps">Of integrated gradients; 0: they are not computed.</param>
    public static Outcome Run(MambaModel model, AttributedText text, int layer, Site site, int steps, CancellationToken cancellationToken)
    {
        if (model.Dtype != ScalarType.Float32 || model.Device.type != TorchSharp.DeviceType.CPU)
            throw new NotSupportedException($"gradients of a model in {model.Dtype} on {model.Device}: expected fp32 on the CPU");
        // A model's own thread runs in inference mode, where nothing can be differentiated.
        using var normal = inference_mode(false);
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var tail = new DifferentiableTail(model, layer, site);
        using var recorder = new ActivationRecorder(tail.Places);
        int[] tokens = [.. text.Prompt, .. text.Said];
        var pass = new Pass(TokenSpans.Full(1, tokens.Length), null, null, recorder);
        using (var state = model.NewState(pass))
        using (no_grad())
            model.RunLayers(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Length]), state, pass, cancellationToken).Dispose();

        var activation = recorder[layer, site];
        var (value, slope) = Slope(tail, recorder, activation, text, layer);
        double[]? integrated = null;
        for (var step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var at = Slope(tail, recorder, activation * ((step + 0.5) / steps), text, layer).Gradient;
            integrated ??= new double[activation.shape[2]];
            foreach (var (channel, share) in Sums(at * activation).Index())
                integrated[channel] += share / steps;
        }

        return new Outcome(value, Sums(slope * activation), integrated);
    }

    private static (double Value, Tensor Gradient) Slope(DifferentiableTail tail, ActivationRecorder recorder, Tensor activation, AttributedText text, int layer)
    {
        var leaf = activation.detach().clone().requires_grad_(true);
        var log = nn.functional.log_softmax(tail.Logits(leaf, recorder[layer, Site.ResidualPre].clone(), recorder[layer, Site.Gate].clone()), -1); // [L, V]
        var last = text.Prompt.Count - 1;
        var sum = log[last + text.Said.Count].index_select(0, tensor(text.Ends.Select(token => (long)token).ToArray())).logsumexp(0);
        foreach (var (at, token) in text.Said.Index())
            sum += log[last + at][token];
        sum.backward();
        return (sum.item<float>(), leaf.grad!);
    }

    /// <summary>[1, L, width] → [width].</summary>
    private static double[] Sums(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().to(float64).sum([0, 1]).data<double>().ToArray();
    }
}
