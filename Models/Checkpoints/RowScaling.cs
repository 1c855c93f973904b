using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sweep.Models.Kernels;

namespace Sweep.Models.Checkpoints;

/// <summary>Multiplies stored values as a module hook does: the product in fp32, rounded once to the dtype, to nearest and ties to even.</summary>
internal static class RowScaling
{
    /// <summary>Scales little-endian values in place; false when one is no longer finite.</summary>
    public static bool Scale(Span<byte> values, SafetensorsDtype dtype, float factor)
    {
        var finite = true;
        for (var at = 0; at < values.Length; at += dtype.Size())
        {
            var value = values[at..];
            float scaled;
            switch (dtype)
            {
                case SafetensorsDtype.F32:
                    scaled = BinaryPrimitives.ReadSingleLittleEndian(value) * factor;
                    BinaryPrimitives.WriteSingleLittleEndian(value, scaled);
                    break;
                case SafetensorsDtype.F16:
                    var half = (Half)((float)BinaryPrimitives.ReadHalfLittleEndian(value) * factor);
                    BinaryPrimitives.WriteHalfLittleEndian(value, half);
                    scaled = (float)half;
                    break;
                case SafetensorsDtype.BF16:
                    scaled = Rounding.ToBFloat16(BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(value) << 16) * factor);
                    BinaryPrimitives.WriteUInt16LittleEndian(value, (ushort)(BitConverter.SingleToUInt32Bits(scaled) >> 16));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(dtype));
            }

            finite &= float.IsFinite(scaled);
        }

        return finite;
    }
}
