using static TorchSharp.torch;

namespace Sweep.Models.Kernels;

/// <summary>The fp32 value that is left when a value is stored in a dtype and read again: to nearest, ties to even, as torch does.</summary>
internal static class Rounding
{
    /// <exception cref="ArgumentOutOfRangeException">A dtype that no activation has.</exception>
    public static float To(ScalarType dtype, float value) => dtype switch
    {
        ScalarType.Float32 => value,
        ScalarType.Float16 => (float)(Half)value,
        ScalarType.BFloat16 => ToBFloat16(value),
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "expected Float32, Float16 or BFloat16"),
    };

    public static float ToBFloat16(float value)
    {
        if (!float.IsFinite(value))
            return value;
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
