using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Architectures;

/// <summary>All tensors of a model on its device: the family's own, and those of each layer as its architecture names them.</summary>
internal sealed class ModelWeights : IDisposable
{
    private readonly WeightSource _source;

    /// <summary>Takes ownership of every tensor of the source.</summary>
    public ModelWeights(ModelConfig config, IReadOnlyDictionary<string, Tensor> source, Device device, ScalarType dtype)
    {
        _source = new(source, device, dtype);
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        try
        {
            int v = config.VocabularySize, d = config.DModel;
            var embedding = _source.Own(LinearWeight.PadRows(_source.Take("backbone.embeddings.weight", v, d)));
            Embedding = _source.Own(embedding.narrow(0, 0, v));
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => config.Architecture.TakeLayer(config, _source, layer))];
            FinalNorm = _source.Vector("backbone.norm_f.weight", d);
            Head = config.TieWordEmbeddings ? new(embedding, null, v) : _source.Linear("lm_head", false, v, d);
            _source.ReleaseRest();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>[V, d_model]: the rows of tokens, without the padding below them, so that an id outside the vocabulary is an error.</summary>
    public Tensor Embedding { get; }

    public IReadOnlyList<LayerWeights> Layers { get; }

    public Tensor FinalNorm { get; }

    public LinearWeight Head { get; }

    public void Dispose() => _source.Dispose();
}
