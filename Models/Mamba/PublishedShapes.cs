using Sweep.Models.Checkpoints;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>The shapes of the published Mamba-1 models with random weights, made on the device: speed does not depend on what is in them.</summary>
public static class PublishedShapes
{
    /// <summary>"130m" and its like.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. MambaArchitecture.Instance.Sizes.Keys.Skip(1)];

    /// <summary>Null: there is no such model.</summary>
    public static MambaConfig? Find(string name) => Names.Contains(name) ? (MambaConfig)MambaArchitecture.Instance.Sizes[name] : null;

    /// <summary>By the names of a checkpoint; the same on every call for one device and dtype.</summary>
    public static Dictionary<string, Tensor> Weights(MambaConfig config, ScalarType dtype, Device device)
    {
        using var gradients = no_grad();
        manual_seed(1);
        int d = config.DModel, e = config.DInner, n = config.DState, r = config.DtRank;
        Tensor Random(double size, params long[] shape) => randn(shape, dtype: dtype, device: device).mul_(size);
        Dictionary<string, Tensor> tensors = new() { [MambaShapes.Embeddings] = Random(1, config.VocabularySize, d), ["backbone.norm_f.weight"] = ones(d, dtype: dtype, device: device) };
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var prefix = $"backbone.layers.{layer}.";
            var mixer = prefix + "mixer.";
            tensors[prefix + "norm.weight"] = ones(d, dtype: dtype, device: device);
            tensors[mixer + "in_proj.weight"] = Random(1 / Math.Sqrt(d), 2 * e, d);
            tensors[mixer + "conv1d.weight"] = Random(0.5, e, 1, config.DConv);
            tensors[mixer + "conv1d.bias"] = Random(0.1, e);
            tensors[mixer + "x_proj.weight"] = Random(1 / Math.Sqrt(e), r + (2 * n), e);
            tensors[mixer + "dt_proj.weight"] = Random(1 / Math.Sqrt(r), e, r);
            tensors[mixer + "dt_proj.bias"] = Random(0.5, e).sub_(4);
            using var states = arange(1, n + 1, dtype: float32, device: device).log();
            tensors[mixer + "A_log"] = states.unsqueeze(0).repeat(e, 1);
            tensors[mixer + "D"] = ones(e, dtype: float32, device: device);
            tensors[mixer + "out_proj.weight"] = Random(1 / Math.Sqrt(e), d, e);
        }

        return tensors;
    }
}
