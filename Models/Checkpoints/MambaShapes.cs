using Sweep.Models.Mamba;

namespace Sweep.Models.Checkpoints;

/// <summary>Names and shapes of the tensors of a Mamba-1 checkpoint (transformers' MambaForCausalLM), computed from its config.</summary>
public static class MambaShapes
{
    public const string Embeddings = "backbone.embeddings.weight";

    public const string Head = "lm_head.weight";

    /// <summary>Every tensor that a model needs; a tied head is the embedding and has no entry.</summary>
    public static IReadOnlyDictionary<string, long[]> Expected(MambaConfig config)
    {
        long v = config.VocabularySize, d = config.DModel, e = config.DInner, n = config.DState, k = config.DConv, r = config.DtRank;
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal) { [Embeddings] = [v, d], ["backbone.norm_f.weight"] = [d] };
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var prefix = $"backbone.layers.{layer}.";
            var mixer = prefix + "mixer.";
            shapes[prefix + "norm.weight"] = [d];
            shapes[mixer + "in_proj.weight"] = [2 * e, d];
            shapes[mixer + "conv1d.weight"] = [e, 1, k];
            shapes[mixer + "x_proj.weight"] = [r + (2 * n), e];
            shapes[mixer + "dt_proj.weight"] = [e, r];
            shapes[mixer + "dt_proj.bias"] = [e];
            shapes[mixer + "A_log"] = [e, n];
            shapes[mixer + "D"] = [e];
            shapes[OutProjection(layer)] = [d, e];
            if (config.UseConvBias)
                shapes[mixer + "conv1d.bias"] = [e];
            if (config.UseBias)
            {
                shapes[mixer + "in_proj.bias"] = [2 * e];
                shapes[mixer + "out_proj.bias"] = [d];
            }
        }

        if (!config.TieWordEmbeddings)
            shapes[Head] = [v, d];
        return shapes;
    }

    /// <summary>Name of the layer's output matrix [d_model, d_inner], whose rows are the channels of MixerOutput.</summary>
    public static string OutProjection(int layer) => $"backbone.layers.{layer}.mixer.out_proj.weight";

    /// <summary>Elements of all tensors; a tied head counts once.</summary>
    public static long ParameterCount(MambaConfig config) =>
        Expected(config).Values.Sum(shape => shape.Aggregate(1L, (product, size) => checked(product * size)));
}
