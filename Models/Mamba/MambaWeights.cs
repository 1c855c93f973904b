using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// A matrix of a linear map. Its rows are padded with zeros to a multiple of 16, because libtorch's CPU matmul gives a row the same bits for
/// any number of rows and threads only then.
/// </summary>
internal sealed record LinearWeight(Tensor Matrix, Tensor? Bias, int Outputs)
{
    public const int Multiple = 16;

    /// <summary>Takes ownership of both tensors.</summary>
    public static LinearWeight Of(Tensor matrix, Tensor? bias)
    {
        var outputs = (int)matrix.shape[0];
        return new(PadRows(matrix), bias is null ? null : PadRows(bias), outputs);
    }

    /// <summary>Takes ownership of the tensor and returns it with zero rows up to a multiple of 16.</summary>
    public static Tensor PadRows(Tensor tensor)
    {
        var missing = (int)(-tensor.shape[0] & (Multiple - 1));
        if (missing == 0)
            return tensor;
        using var rows = zeros([missing, .. tensor.shape.Skip(1)], tensor.dtype, tensor.device);
        var padded = cat([tensor, rows], 0);
        tensor.Dispose();
        return padded;
    }
}

/// <summary>The tensors of one block; symbols as in the paper (A, D), names as in the checkpoint.</summary>
internal sealed class MambaLayerWeights
{
    public required Tensor Norm { get; init; } // [d_model]
    public required LinearWeight InProjection { get; init; } // [2·d_inner, d_model]
    public required Tensor Convolution { get; init; } // [d_conv, d_inner]
    public required Tensor? ConvolutionBias { get; init; } // [d_inner]
    public required LinearWeight SsmProjection { get; init; } // x_proj [dt_rank + 2·d_state, d_inner]
    public required LinearWeight DeltaProjection { get; init; } // dt_proj [d_inner, dt_rank]
    public required Tensor A { get; init; } // −exp(A_log), fp32 [d_state, d_inner]
    public required Tensor D { get; init; } // fp32 [d_inner]
    public required LinearWeight OutProjection { get; init; } // [d_model, d_inner]
}

/// <summary>All tensors of a model on its device.</summary>
internal sealed class MambaWeights : IDisposable
{
    private readonly List<Tensor> _owned = [];
    private readonly Dictionary<string, Tensor> _source;
    private readonly Device _device;
    private readonly ScalarType _dtype;

    /// <summary>Takes ownership of every tensor of the source. Each is let go as soon as it is converted, so that no more than one is in memory twice.</summary>
    public MambaWeights(MambaConfig config, IReadOnlyDictionary<string, Tensor> source, Device device, ScalarType dtype)
    {
        (_source, _device, _dtype) = (new(source, StringComparer.Ordinal), device, dtype);
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        try
        {
            int d = config.DModel, e = config.DInner, n = config.DState, r = config.DtRank;
            var embedding = Own(LinearWeight.PadRows(Take("backbone.embeddings.weight", config.VocabularySize, d)));
            Embedding = Own(embedding.narrow(0, 0, config.VocabularySize));
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => TakeLayer($"backbone.layers.{layer}.", config, d, e, n, r))];
            FinalNorm = Own(Take("backbone.norm_f.weight", d));
            Head = config.TieWordEmbeddings
                ? new(embedding, null, config.VocabularySize)
                : Linear("lm_head", false, config.VocabularySize, d);
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            foreach (var tensor in _source.Values)
                tensor.Dispose();
            _source.Clear();
        }
    }

    /// <summary>[V, d_model]: the rows of tokens, without the padding below them, so that an id outside the vocabulary is an error.</summary>
    public Tensor Embedding { get; }

    public IReadOnlyList<MambaLayerWeights> Layers { get; }

    public Tensor FinalNorm { get; }

    public LinearWeight Head { get; }

    public void Dispose()
    {
        foreach (var tensor in _owned)
            tensor.Dispose();
        _owned.Clear();
    }

    private MambaLayerWeights TakeLayer(string prefix, MambaConfig config, int d, int e, int n, int r)
    {
        var mixer = prefix + "mixer.";
        return new()
        {
            Norm = Own(Take(prefix + "norm.weight", d)),
            InProjection = Linear(mixer + "in_proj", config.UseBias, 2 * e, d),
            Convolution = Own(Take(mixer + "conv1d.weight", e, 1, config.DConv).reshape(e, config.DConv).t().contiguous()),
            ConvolutionBias = config.UseConvBias ? Own(Take(mixer + "conv1d.bias", e)) : null,
            SsmProjection = Linear(mixer + "x_proj", false, r + 2 * n, e),
            DeltaProjection = Linear(mixer + "dt_proj", true, e, r),
            A = Own(Take(mixer + "A_log", float32, e, n).exp().neg().t().contiguous()),
            D = Own(Take(mixer + "D", float32, e)),
            OutProjection = Linear(mixer + "out_proj", config.UseBias, d, e),
        };
    }

    private LinearWeight Linear(string name, bool biased, int outputs, int inputs)
    {
        var weight = LinearWeight.Of(Take(name + ".weight", outputs, inputs), biased ? Take(name + ".bias", outputs) : null);
        Own(weight.Matrix);
        if (weight.Bias is not null)
            Own(weight.Bias);
        return weight;
    }

    private Tensor Take(string name, params ReadOnlySpan<long> shape) => Take(name, _dtype, shape);

    /// <summary>The tensor in the dtype and on the device, contiguous; the source's handle is let go, its memory only where it was converted.</summary>
    private Tensor Take(string name, ScalarType dtype, params ReadOnlySpan<long> shape)
    {
        if (!_source.TryGetValue(name, out var tensor))
            throw new InvalidCheckpointException($"tensor {name} is missing");
        if (!tensor.shape.AsSpan().SequenceEqual(shape))
            throw new InvalidCheckpointException($"tensor {name}: found shape [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", shape.ToArray())}]");
        var taken = tensor.to(dtype, _device).contiguous();
        _source.Remove(name);
        if (!ReferenceEquals(taken, tensor))
            tensor.Dispose();
        return taken;
    }

    private Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }
}
