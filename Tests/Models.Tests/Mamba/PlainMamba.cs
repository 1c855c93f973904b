using Sweep.Models.FalconMamba;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

/// <summary>
/// Mamba-1, and FalconMamba with its norms, written once more, from the paper's equations and in double, for one row without padding: no state, no kernel, no sharing. A hook sees the tensor of
/// each site where docs/glossary.md puts it and returns what the next operation reads. It shares no code with the engine, so that a site in the wrong place shows.
/// </summary>
internal sealed class PlainMamba(MambaConfig config, IReadOnlyDictionary<string, Tensor> tensors) : PlainModel(config, tensors)
{
    protected override Tensor Mixer(string prefix, Tensor u, Func<Site, Tensor, Tensor> hook)
    {
        int e = config.DInner, n = config.DState, r = config.DtRank;
        var hz = Linear(u, prefix + "mixer.in_proj");                                           // [L, 2E]
        var h = hook(Site.Convolution, Silu(Convolve(hz.narrow(1, 0, e), prefix + "mixer.conv1d"))); // [L, E]
        var p = Linear(h, prefix + "mixer.x_proj");                                             // [L, R + 2N]
        var (low, b, c) = (Mixed(p.narrow(1, 0, r)), Mixed(p.narrow(1, r, n)), Mixed(p.narrow(1, r + n, n)));
        var delta = hook(Site.Delta, (Linear(low, prefix + "mixer.dt_proj").exp() + 1).log());  // [L, E]
        var y = Scan(h, delta, b, c, Weight(prefix + "mixer.A_log").exp().neg());
        y = hook(Site.SsmOutput, y + (Weight(prefix + "mixer.D") * h));                         // [L, E]
        var gate = hook(Site.Gate, Silu(hz.narrow(1, e, e)));                                   // [L, E]
        return hook(Site.GatedOutput, y * gate);                                                // [L, E]
    }

    private Tensor Mixed(Tensor x) => config is FalconMambaConfig falcon ? Normalized(x, falcon.MixerNormEpsilon) : x;

    /// <summary>s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t h_t, y_t = s_t C_t.</summary>
    private static Tensor Scan(Tensor h, Tensor delta, Tensor b, Tensor c, Tensor a)
    {
        var state = zeros(a.shape, float64);                                                    // [E, N]
        List<Tensor> steps = [];
        for (var t = 0; t < h.shape[0]; t++)
        {
            var d = delta[t].unsqueeze(1);                                                      // [E, 1]
            state = ((d * a).exp() * state) + (d * h[t].unsqueeze(1) * b[t].unsqueeze(0));
            steps.Add(state.matmul(c[t]));                                                      // [E]
        }

        return stack(steps, 0);
    }
}
