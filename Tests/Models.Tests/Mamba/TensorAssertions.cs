using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

internal static class TensorAssertions
{
    /// <summary>Same shape, dtype and bits; on a CUDA device, whose matrix products sum in another order in another company, the same but for rounding.</summary>
    public static bool BitEquals(this Tensor a, Tensor b)
    {
        if (a.device_type == DeviceType.CUDA || b.device_type == DeviceType.CUDA)
            return a.dtype == b.dtype && a.shape.SequenceEqual(b.shape) && IsNear(a, b);
        using var left = a.contiguous();
        using var right = b.contiguous();
        return a.dtype == b.dtype && a.shape.SequenceEqual(b.shape) && left.bytes.SequenceEqual(right.bytes);
    }

    private static bool IsNear(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var (left, right) = (a.cpu().to(float32), b.cpu().to(float32));
        var limit = a.dtype == ScalarType.BFloat16 ? 1e-2 : a.dtype == ScalarType.Float16 ? 1e-3 : 2e-5;
        return left.isnan().equal(right.isnan()).all().item<bool>() && (left - right).nan_to_num(0).abs().max().item<float>() <= limit * right.nan_to_num(0).abs().max().item<float>();
    }
}
