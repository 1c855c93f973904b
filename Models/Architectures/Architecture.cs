using System.Text.Json;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Architectures;

/// <summary>
/// One kind of model, registered in <see cref="ArchitectureCatalog"/> and found by the model_type of config.json. Its folder holds its config, its sites (the config says how wide each is), its
/// weights, its block and how it is initialised; nothing elsewhere asks which architecture a model has. Embedding, residual stream, norms of the blocks, final norm and head are those of the family.
/// </summary>
public abstract class Architecture
{
    private protected Architecture()
    {
    }

    /// <summary>As config.json writes it.</summary>
    public abstract string ModelType { get; }

    /// <summary>The class of transformers that config.json names.</summary>
    internal abstract string TransformersClass { get; }

    /// <summary>What ssm_cfg.layer of the original state-spaces layout calls it; null: that layout does not have it.</summary>
    internal virtual string? OriginalName => null;

    /// <summary>Sizes by name, smallest first: one that tests and measurements make in a moment, and those that were published.</summary>
    internal abstract IReadOnlyDictionary<string, ModelConfig> Sizes { get; }

    /// <summary>A config.json of transformers; problems go into the fields.</summary>
    internal abstract ModelConfig ReadConfig(ConfigFields fields);

    /// <summary>A config.json of the original layout, of which <paramref name="fields"/> are ssm_cfg's.</summary>
    internal virtual ModelConfig ReadOriginal(OriginalConfig original, ConfigFields fields) => throw new NotSupportedException($"{ModelType} has no original layout");

    /// <summary>What its config.json has beside the family's fields.</summary>
    internal abstract void WriteConfig(Utf8JsonWriter json, ModelConfig config);

    /// <summary>The mixer's tensors by their names below "mixer.": shapes, and how a new model begins.</summary>
    internal abstract IEnumerable<MixerTensor> MixerTensors(ModelConfig config);

    internal abstract LayerWeights TakeLayer(ModelConfig config, WeightSource source, int layer);

    /// <param name="config">The model's.</param>
    /// <param name="weights">What <see cref="TakeLayer"/> made.</param>
    /// <param name="nextNorm">Weight of the next block's norm; null after the last.</param>
    /// <param name="operations">The form of the steps.</param>
    /// <param name="layer">0-based.</param>
    internal abstract Block CreateBlock(ModelConfig config, LayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer);
}

/// <summary>The same, typed by its config and weights.</summary>
internal abstract class Architecture<TConfig, TWeights> : Architecture
    where TConfig : ModelConfig
    where TWeights : LayerWeights
{
    internal sealed override void WriteConfig(Utf8JsonWriter json, ModelConfig config) => Write(json, (TConfig)config);

    internal sealed override IEnumerable<MixerTensor> MixerTensors(ModelConfig config) => Mixer((TConfig)config);

    internal sealed override LayerWeights TakeLayer(ModelConfig config, WeightSource source, int layer) => Take((TConfig)config, source, layer);

    internal sealed override Block CreateBlock(ModelConfig config, LayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer) =>
        Block((TConfig)config, (TWeights)weights, nextNorm, operations, layer);

    protected abstract void Write(Utf8JsonWriter json, TConfig config);

    protected abstract IEnumerable<MixerTensor> Mixer(TConfig config);

    protected abstract TWeights Take(TConfig config, WeightSource source, int layer);

    protected abstract Block Block(TConfig config, TWeights weights, Tensor? nextNorm, BlockOperations operations, int layer);
}
