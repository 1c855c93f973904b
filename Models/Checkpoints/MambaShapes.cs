using Sweep.Models.Mamba;

namespace Sweep.Models.Checkpoints;

/// <summary>The tensors that a Mamba-1 checkpoint must hold (method.md 8.1; names of transformers' MambaForCausalLM).</summary>
public static class MambaShapes
{
    public const string Embeddings = "backbone.embeddings.weight";
    public const string Head = "lm_head.weight";

    /// <summary>Name → shape. A tied head is not among them; a file may hold it all the same.</summary>
    public static IReadOnlyDictionary<string, long[]> Of(MambaConfig config)
    {
        long v = config.VocabularySize, d = config.DModel, e = config.DInner, n = config.DState, k = config.DConv, r = config.DtRank;
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal) { [Embeddings] = [v, d], ["backbone.norm_f.weight"] = [d] };
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var block = $"backbone.layers.{layer}.";
            var mixer = block + "mixer.";
            shapes[block + "norm.weight"] = [d];
            shapes[mixer + "in_proj.weight"] = [2 * e, d];
            shapes[mixer + "conv1d.weight"] = [e, 1, k];
            shapes[mixer + "x_proj.weight"] = [r + (2 * n), e];
            shapes[mixer + "dt_proj.weight"] = [e, r];
            shapes[mixer + "dt_proj.bias"] = [e];
            shapes[mixer + "A_log"] = [e, n];
            shapes[mixer + "D"] = [e];
            shapes[mixer + "out_proj.weight"] = [d, e];
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

    /// <summary>Parameters of the whole model, a tied head counted once.</summary>
    public static long ParameterCount(MambaConfig config) => Of(config).Values.Sum(shape => shape.Aggregate(1L, (product, axis) => product * axis));
}
