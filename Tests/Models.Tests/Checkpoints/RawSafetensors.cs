using System.Buffers.Binary;
using System.Text;

namespace Sweep.Models.Tests.Checkpoints;

/// <summary>Safetensors bytes made by hand, right or wrong.</summary>
internal static class RawSafetensors
{
    public static byte[] Make(string header, int dataBytes, ulong? headerLength = null) => Make(Encoding.UTF8.GetBytes(header), dataBytes, headerLength);

    public static byte[] Make(byte[] header, int dataBytes, ulong? headerLength = null)
    {
        var file = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, headerLength ?? (ulong)header.Length);
        header.CopyTo(file, 8);
        for (var at = 0; at < dataBytes; at++)
            file[8 + header.Length + at] = (byte)(at * 37);
        return file;
    }
}
