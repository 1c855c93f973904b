using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

/// <summary>
/// Mamba-1 written once more, from the paper's equations and in double, for one row without padding: no state, no kernel, no sharing. A hook sees the tensor of each site where
/// docs/glossary.md puts it and returns what the next operation reads. It shares no code with the engine, so that a site in the wrong place shows.
/// </summary>
internal sealed class PlainMamba
{
    private readonly MambaConfig _config;
    private readonly Dictionary<string, Tensor> _tensors;

    /// <param name="config">The model's.</param>
    /// <param name="tensors">Names and shapes of a transformers checkpoint; copied.</param>
    public PlainMamba(MambaConfig config, IReadOnlyDictionary<string, Tensor> tensors)
    {
        _config = config;
        _tensors = tensors.ToDictionary(pair => pair.Key, pair => pair.Value.to(float64, copy: true));
    }

    /// <summary>tokens [L] → logits [L, V].</summary>
    public Tensor Forward(Tensor tokens, Func<int, Site, Tensor, Tensor> hook)
    {
        using var scope = NewDisposeScope();
        var x = _tensors["backbone.embeddings.weight"].index_select(0, tokens);                 // [L, d]
        for (var layer = 0; layer < _config.LayerCount; layer++)
            x = Block(layer, x, (site, activation) => hook(layer, site, activation));
        var head = _config.TieWordEmbeddings ? _tensors["backbone.embeddings.weight"] : _tensors["lm_head.weight"];
        return Norm(x, "backbone.norm_f.weight").matmul(head.t()).MoveToOuterDisposeScope();    // [L, V]
    }

    private Tensor Block(int layer, Tensor x, Func<Site, Tensor, Tensor> hook)
    {
        var prefix = $"backbone.layers.{layer}.";
        int e = _config.DInner, n = _config.DState, r = _config.DtRank;
        x = hook(Site.ResidualPre, x);                                                          // [L, d]
        var hz = Linear(Norm(x, prefix + "norm.weight"), prefix + "mixer.in_proj");             // [L, 2E]
        var h = hook(Site.Convolution, Silu(Convolve(hz.narrow(1, 0, e), prefix + "mixer.conv1d"))); // [L, E]
        var p = Linear(h, prefix + "mixer.x_proj");                                             // [L, R + 2N]
        var step = Linear(p.narrow(1, 0, r), prefix + "mixer.dt_proj");                         // [L, E]
        var delta = hook(Site.Delta, (step.exp() + 1).log());                                   // [L, E]
        var y = Scan(h, delta, p.narrow(1, r, n), p.narrow(1, r + n, n), _tensors[prefix + "mixer.A_log"].exp().neg());
        y = hook(Site.SsmOutput, y + (_tensors[prefix + "mixer.D"] * h));                       // [L, E]
        var gate = hook(Site.Gate, Silu(hz.narrow(1, e, e)));                                   // [L, E]
        var m = Linear(hook(Site.GatedOutput, y * gate), prefix + "mixer.out_proj");            // [L, d]
        return hook(Site.ResidualPost, x + hook(Site.MixerOutput, m));
    }

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

    /// <summary>torch's own depthwise convolution, padded on both sides and cut to the first L.</summary>
    private Tensor Convolve(Tensor h, string name)
    {
        var weight = _tensors[name + ".weight"];                                                // [E, 1, K]
        var channels = h.t().unsqueeze(0);                                                      // [1, E, L]
        var sums = nn.functional.conv1d(channels, weight, _tensors.GetValueOrDefault(name + ".bias"), padding: weight.shape[2] - 1, groups: h.shape[1]);
        return sums[0].narrow(1, 0, h.shape[0]).t();
    }

    private Tensor Linear(Tensor x, string name)
    {
        var y = x.matmul(_tensors[name + ".weight"].t());
        return _tensors.TryGetValue(name + ".bias", out var bias) ? y + bias : y;
    }

    private Tensor Norm(Tensor x, string name) => x / (x.square().mean([-1], true) + _config.NormEpsilon).sqrt() * _tensors[name];

    private static Tensor Silu(Tensor x) => x / (1 + x.neg().exp());
}
