using Sweep.Models.Mamba2;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba2;

/// <summary>Mamba-2 written once more, from the paper's equations and in double, head by head and step by step, for one row without padding: see <see cref="PlainMamba"/>.</summary>
internal sealed class PlainMamba2(Mamba2Config config, IReadOnlyDictionary<string, Tensor> tensors) : PlainModel(config, tensors)
{
    protected override Tensor Mixer(string prefix, Tensor u, Func<Site, Tensor, Tensor> hook)
    {
        int e = config.DInner, heads = config.HeadCount, shared = config.GroupCount * config.DState;
        var projected = Linear(u, prefix + "mixer.in_proj");                                    // [L, 2E + 2GN + H]
        var xbc = Silu(Convolve(projected.narrow(1, e, e + (2 * shared)), prefix + "mixer.conv1d")); // [L, E + 2GN]
        var x = hook(Site.Convolution, xbc.narrow(1, 0, e));                                    // [L, E]
        var raw = projected.narrow(1, (2 * e) + (2 * shared), heads) + Weight(prefix + "mixer.dt_bias");
        var delta = (raw.exp() + 1).log();                                                      // [L, H]
        delta = hook(Site.Delta, where(delta < config.DeltaMinimum, config.DeltaMinimum, where(delta > config.DeltaMaximum, config.DeltaMaximum, delta)));
        var y = cat([.. Enumerable.Range(0, heads).Select(head => Head(prefix, head, x, delta.select(1, head), xbc.narrow(1, e, shared), xbc.narrow(1, e + shared, shared)))], 1);
        y = hook(Site.SsmOutput, y);                                                            // [L, E]
        var gate = hook(Site.Gate, Silu(projected.narrow(1, 0, e)));                            // [L, E]
        return hook(Site.GatedOutput, GatedNorm(y * gate, Weight(prefix + "mixer.norm.weight"))); // [L, E]
    }

    /// <summary>s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t x_tᵀ, y_t = C_t s_t + D x_t with scalar Δ, A and D.</summary>
    private Tensor Head(string prefix, int head, Tensor x, Tensor delta, Tensor b, Tensor c)
    {
        int p = config.HeadDim, n = config.DState, group = head / (config.HeadCount / config.GroupCount);
        var (a, d) = (-Math.Exp(Weight(prefix + "mixer.A_log")[head].item<double>()), Weight(prefix + "mixer.D")[head].item<double>());
        var state = zeros([n, p], float64);
        List<Tensor> steps = [];
        for (var t = 0; t < x.shape[0]; t++)
        {
            var (input, step) = (x[t].narrow(0, head * p, p), delta[t].item<double>());
            state = (Math.Exp(step * a) * state) + (step * b[t].narrow(0, group * n, n).unsqueeze(1) * input.unsqueeze(0));
            steps.Add(c[t].narrow(0, group * n, n).matmul(state) + (d * input));                // [P]
        }

        return stack(steps, 0);
    }

    private Tensor GatedNorm(Tensor product, Tensor weight)
    {
        var width = config.DInner / config.NormGroups;
        return cat([.. Enumerable.Range(0, config.NormGroups).Select(group => Normalized(product.narrow(1, group * width, width), config.NormEpsilon))], 1) * weight;
    }
}
