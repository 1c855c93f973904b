using Sweep.Models.Architectures;

namespace Sweep.Models.Checkpoints;

/// <summary>Names and shapes of the tensors of a checkpoint as transformers writes it, computed from its config.</summary>
public static class MambaShapes
{
    public const string Embeddings = "backbone.embeddings.weight";

    public const string Head = "lm_head.weight";

    /// <summary>Every tensor that a model needs; a tied head is the embedding and has no entry.</summary>
    public static IReadOnlyDictionary<string, long[]> Expected(ModelConfig config)
    {
        long v = config.VocabularySize, d = config.DModel;
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal) { [Embeddings] = [v, d], ["backbone.norm_f.weight"] = [d] };
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            shapes[$"backbone.layers.{layer}.norm.weight"] = [d];
            foreach (var tensor in config.Architecture.MixerTensors(config))
                shapes[$"backbone.layers.{layer}.mixer.{tensor.Name}"] = tensor.Shape;
        }

        if (!config.TieWordEmbeddings)
            shapes[Head] = [v, d];
        return shapes;
    }

    /// <summary>Name of the layer's output matrix [d_model, d_inner], whose rows are the channels of MixerOutput.</summary>
    public static string OutProjection(int layer) => $"backbone.layers.{layer}.mixer.out_proj.weight";

    /// <summary>Elements of all tensors; a tied head counts once.</summary>
    public static long ParameterCount(ModelConfig config) =>
        Expected(config).Values.Sum(shape => shape.Aggregate(1L, (product, size) => checked(product * size)));
}
