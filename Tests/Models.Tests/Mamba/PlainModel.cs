using Sweep.Models.Architectures;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

/// <summary>What the plain forms of the architectures share: embedding, norms, residual stream and head, in double.</summary>
internal abstract class PlainModel
{
    private readonly ModelConfig _config;
    private readonly Dictionary<string, Tensor> _tensors;

    /// <param name="config">The model's.</param>
    /// <param name="tensors">Names and shapes of a transformers checkpoint; copied.</param>
    protected PlainModel(ModelConfig config, IReadOnlyDictionary<string, Tensor> tensors)
    {
        _config = config;
        _tensors = tensors.ToDictionary(pair => pair.Key, pair => pair.Value.to(float64, copy: true));
    }

    /// <summary>tokens [L] → logits [L, V].</summary>
    public Tensor Forward(Tensor tokens, Func<int, Site, Tensor, Tensor> hook)
    {
        using var scope = NewDisposeScope();
        var x = Weight("backbone.embeddings.weight").index_select(0, tokens);                   // [L, d]
        for (var layer = 0; layer < _config.LayerCount; layer++)
        {
            var (at, prefix) = (layer, $"backbone.layers.{layer}.");
            x = hook(at, Site.ResidualPre, x);                                                  // [L, d]
            var m = Linear(Mixer(prefix, Norm(x, prefix + "norm.weight"), (site, activation) => hook(at, site, activation)), prefix + "mixer.out_proj"); // [L, d]
            x = hook(at, Site.ResidualPost, x + hook(at, Site.MixerOutput, m));
        }

        var head = _config.TieWordEmbeddings ? Weight("backbone.embeddings.weight") : Weight("lm_head.weight");
        return Norm(x, "backbone.norm_f.weight").matmul(head.t()).MoveToOuterDisposeScope();    // [L, V]
    }

    /// <summary>From the block's norm to out_proj's input.</summary>
    protected abstract Tensor Mixer(string prefix, Tensor u, Func<Site, Tensor, Tensor> hook);

    protected Tensor Weight(string name) => _tensors[name];

    /// <summary>torch's own depthwise convolution, padded on both sides and cut to the first L.</summary>
    protected Tensor Convolve(Tensor h, string name)
    {
        var weight = Weight(name + ".weight");                                                  // [E, 1, K]
        var channels = h.t().unsqueeze(0);                                                      // [1, E, L]
        var sums = nn.functional.conv1d(channels, weight, _tensors.GetValueOrDefault(name + ".bias"), padding: weight.shape[2] - 1, groups: h.shape[1]);
        return sums[0].narrow(1, 0, h.shape[0]).t();
    }

    protected Tensor Linear(Tensor x, string name)
    {
        var y = x.matmul(Weight(name + ".weight").t());
        return _tensors.TryGetValue(name + ".bias", out var bias) ? y + bias : y;
    }

    protected static Tensor Normalized(Tensor x, double epsilon) => x / (x.square().mean([-1], true) + epsilon).sqrt();

    protected static Tensor Silu(Tensor x) => x / (1 + x.neg().exp());

    private Tensor Norm(Tensor x, string name) => Normalized(x, _config.NormEpsilon) * Weight(name);
}
