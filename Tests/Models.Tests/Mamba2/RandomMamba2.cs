using Sweep.Models.Mamba;
using Sweep.Models.Mamba2;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba2;

/// <summary>Small models with random weights of a seed, whose activations are of the size of a trained model's.</summary>
internal static class RandomMamba2
{
    public static Mamba2Config Config(
        int layers = 3, int dModel = 20, int heads = 20, int headDim = 2, int groups = 2, int normGroups = 1, int dState = 5, int vocabulary = 37, bool useBias = false, bool tied = true, bool convBias = true) => new()
        {
            ModelType = "mamba2",
            VocabularySize = vocabulary,
            DModel = dModel,
            LayerCount = layers,
            DInner = heads * headDim,
            DState = dState,
            DConv = 4,
            HeadCount = heads,
            HeadDim = headDim,
            GroupCount = groups,
            NormGroups = normGroups,
            ChunkSize = 4,
            DeltaMinimum = 0,
            DeltaMaximum = double.PositiveInfinity,
            NormEpsilon = 1e-5,
            UseBias = useBias,
            UseConvBias = convBias,
            ResidualInFp32 = true,
            TieWordEmbeddings = tied,
            EosTokenIds = [0],
        };

    public static MambaModel Model(Mamba2Config config, int seed = 1, ScalarType dtype = ScalarType.Float32) => new(config, Tensors(config, seed), CPU, dtype);

    public static Dictionary<string, Tensor> Tensors(Mamba2Config config, int seed)
    {
        using var generator = new Generator((ulong)seed);
        Tensor Random(double size, params long[] shape) => randn(shape, generator: generator).mul_(size);
        int d = config.DModel, e = config.DInner, h = config.HeadCount, convolved = e + (2 * config.GroupCount * config.DState);
        Dictionary<string, Tensor> tensors = new()
        {
            ["backbone.embeddings.weight"] = Random(1, config.VocabularySize, d),
            ["backbone.norm_f.weight"] = Random(0.1, d).add_(1),
        };
        if (!config.TieWordEmbeddings)
            tensors["lm_head.weight"] = Random(0.5, config.VocabularySize, d);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var prefix = $"backbone.layers.{layer}.";
            tensors[prefix + "norm.weight"] = Random(0.1, d).add_(1);
            tensors[prefix + "mixer.in_proj.weight"] = Random(0.3, e + convolved + h, d);
            tensors[prefix + "mixer.conv1d.weight"] = Random(0.5, convolved, 1, config.DConv);
            tensors[prefix + "mixer.dt_bias"] = Random(0.5, h).sub_(2);
            tensors[prefix + "mixer.A_log"] = Random(0.5, h);
            tensors[prefix + "mixer.D"] = Random(0.5, h);
            tensors[prefix + "mixer.norm.weight"] = Random(0.1, e).add_(1);
            tensors[prefix + "mixer.out_proj.weight"] = Random(0.3, d, e);
            if (config.UseConvBias)
                tensors[prefix + "mixer.conv1d.bias"] = Random(0.3, convolved);
            if (!config.UseBias)
                continue;
            tensors[prefix + "mixer.in_proj.bias"] = Random(0.3, e + convolved + h);
            tensors[prefix + "mixer.out_proj.bias"] = Random(0.3, d);
        }

        return tensors;
    }
}
