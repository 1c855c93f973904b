using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

internal static class TensorAssertions
{
    /// <summary>Same shape, dtype and bits.</summary>
    public static bool BitEquals(this Tensor a, Tensor b)
    {
        using var left = a.contiguous();
        using var right = b.contiguous();
        return a.dtype == b.dtype && a.shape.SequenceEqual(b.shape) && left.bytes.SequenceEqual(right.bytes);
    }
}
