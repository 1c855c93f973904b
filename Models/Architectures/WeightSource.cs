using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Architectures;

/// <summary>
/// The tensors of a checkpoint on their way into a model: each is taken once, in the model's dtype or the one it needs, and let go in the source as soon as it is converted, so that no more than
/// one is in memory twice. What is kept belongs to whoever holds this.
/// </summary>
internal sealed class WeightSource : IDisposable
{
    private readonly List<Tensor> _owned = [];
    private readonly Dictionary<string, Tensor> _source;
    private readonly Device _device;
    private readonly ScalarType _dtype;

    /// <summary>Takes ownership of every tensor of the source.</summary>
    public WeightSource(IReadOnlyDictionary<string, Tensor> source, Device device, ScalarType dtype)
    {
        (_source, _device, _dtype) = (new(source, StringComparer.Ordinal), device, dtype);
    }

    /// <summary>A linear map NAME.weight [outputs, inputs], with NAME.bias where it has one.</summary>
    public LinearWeight Linear(string name, bool biased, int outputs, int inputs)
    {
        var weight = LinearWeight.Of(Take(name + ".weight", outputs, inputs), biased ? Take(name + ".bias", outputs) : null);
        Own(weight.Matrix);
        if (weight.Bias is not null)
            Own(weight.Bias);
        return weight;
    }

    /// <summary>NAME.weight [channels, 1, taps] as [taps, channels].</summary>
    public Tensor Convolution(string name, int channels, int taps) => Own(Take(name + ".weight", channels, 1, taps).reshape(channels, taps).t().contiguous());

    public Tensor Vector(string name, int width) => Own(Take(name, width));

    /// <summary>A vector in fp32 whatever the model's dtype.</summary>
    public Tensor ExactVector(string name, int width) => Own(TakeExact(name, width));

    /// <summary>−exp of a tensor, in fp32 whatever the model's dtype: A of A_log. Not kept.</summary>
    public Tensor TakeNegativeExponential(string name, params ReadOnlySpan<long> shape) => TakeExact(name, shape).exp().neg();

    /// <summary>Not kept: what is kept of it goes through <see cref="Own"/>.</summary>
    public Tensor Take(string name, params ReadOnlySpan<long> shape) => Take(name, _dtype, shape);

    public Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    /// <summary>Lets go of everything that was not taken.</summary>
    public void ReleaseRest()
    {
        foreach (var tensor in _source.Values)
            tensor.Dispose();
        _source.Clear();
    }

    public void Dispose()
    {
        ReleaseRest();
        foreach (var tensor in _owned)
            tensor.Dispose();
        _owned.Clear();
    }

    private Tensor TakeExact(string name, params ReadOnlySpan<long> shape) => Take(name, float32, shape);

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
}
