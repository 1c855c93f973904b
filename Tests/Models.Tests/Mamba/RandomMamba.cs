using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using Sweep.Models.Tests.Cuda;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

/// <summary>Small models with random weights of a seed, whose activations are of the size of a trained model's.</summary>
internal static class RandomMamba
{
    public static MambaConfig Config(int layers = 3, int dModel = 20, int dInner = 40, int dState = 5, int dtRank = 3, int vocabulary = 37, bool useBias = false, bool tied = true, bool convBias = true) => new()
    {
        ModelType = "mamba",
        VocabularySize = vocabulary,
        DModel = dModel,
        LayerCount = layers,
        DInner = dInner,
        DState = dState,
        DConv = 4,
        DtRank = dtRank,
        NormEpsilon = 1e-5,
        UseBias = useBias,
        UseConvBias = convBias,
        ResidualInFp32 = true,
        TieWordEmbeddings = tied,
        EosTokenIds = [0],
    };

    public static MambaModel Model(MambaConfig config, int seed = 1, ScalarType dtype = ScalarType.Float32) => new(config, Tensors(config, seed), TestDevice.Current, dtype);

    /// <summary>Whatever device tests run on.</summary>
    public static MambaModel OnProcessor(MambaConfig config, int seed = 1) => new(config, Tensors(config, seed));

    public static Dictionary<string, Tensor> Tensors(MambaConfig config, int seed)
    {
        using var generator = new Generator((ulong)seed);
        Tensor Random(double size, params long[] shape) => randn(shape, generator: generator).mul_(size);
        int d = config.DModel, e = config.DInner, n = config.DState, r = config.DtRank;
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
            tensors[prefix + "mixer.in_proj.weight"] = Random(0.3, 2 * e, d);
            tensors[prefix + "mixer.conv1d.weight"] = Random(0.5, e, 1, config.DConv);
            tensors[prefix + "mixer.x_proj.weight"] = Random(0.3, r + 2 * n, e);
            tensors[prefix + "mixer.dt_proj.weight"] = Random(0.3, e, r);
            tensors[prefix + "mixer.dt_proj.bias"] = Random(0.5, e).sub_(2);
            tensors[prefix + "mixer.A_log"] = Random(0.5, e, n);
            tensors[prefix + "mixer.D"] = Random(0.5, e);
            tensors[prefix + "mixer.out_proj.weight"] = Random(0.3, d, e);
            if (config.UseConvBias)
                tensors[prefix + "mixer.conv1d.bias"] = Random(0.3, e);
            if (!config.UseBias)
                continue;
            tensors[prefix + "mixer.in_proj.bias"] = Random(0.3, 2 * e);
            tensors[prefix + "mixer.out_proj.bias"] = Random(0.3, d);
        }

        return tensors;
    }

    public static Tensor Tokens(ModelConfig config, int rows, int length, int seed)
    {
        var random = new Random(seed);
        return tensor(Enumerable.Range(0, rows * length).Select(_ => (long)random.Next(config.VocabularySize)).ToArray(), rows, length);
    }
}
