using System.Buffers.Binary;
using System.Text;

namespace Sweep.Perf.Dashboards.Circuits;

/// <summary>Values of a MessagePack document: numbers as long or double, texts, bytes as a slice of the document, arrays; maps as arrays of their keys and values.</summary>
internal ref struct PackedReader(ReadOnlyMemory<byte> document)
{
    private int _at;

    public object? Read()
    {
        var code = Take(1)[0];
        return code switch
        {
            < 0x80 => (long)code,
            < 0x90 => Many(2 * (code & 0x0f)),
            < 0xa0 => Many(code & 0x0f),
            < 0xc0 => Text(code & 0x1f),
            0xc0 => null,
            0xc2 => false,
            0xc3 => true,
            0xc4 => Bytes(Take(1)[0]),
            0xc5 => Bytes(BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
            0xc6 => Bytes(BinaryPrimitives.ReadInt32BigEndian(Take(4))),
            0xca => (double)BinaryPrimitives.ReadSingleBigEndian(Take(4)),
            0xcb => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
            0xcc => (long)Take(1)[0],
            0xcd => (long)BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
            0xce => (long)BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
            0xcf => (long)BinaryPrimitives.ReadUInt64BigEndian(Take(8)),
            0xd0 => (long)(sbyte)Take(1)[0],
            0xd1 => (long)BinaryPrimitives.ReadInt16BigEndian(Take(2)),
            0xd2 => (long)BinaryPrimitives.ReadInt32BigEndian(Take(4)),
            0xd3 => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            0xd9 => Text(Take(1)[0]),
            0xda => Text(BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
            0xdb => Text(BinaryPrimitives.ReadInt32BigEndian(Take(4))),
            0xdc => Many(BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
            0xdd => Many(BinaryPrimitives.ReadInt32BigEndian(Take(4))),
            0xde => Many(2 * BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
            >= 0xe0 => (long)(sbyte)code,
            _ => throw new InvalidDataException($"MessagePack: found code {code:x2}, expected one of a value that circuits send"),
        };
    }

    private object?[] Many(int count)
    {
        var values = new object?[count];
        for (var index = 0; index < count; index++)
            values[index] = Read();
        return values;
    }

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private ReadOnlyMemory<byte> Bytes(int length)
    {
        var bytes = document.Slice(_at, length);
        _at += length;
        return bytes;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        var bytes = document.Span.Slice(_at, length);
        _at += length;
        return bytes;
    }
}
