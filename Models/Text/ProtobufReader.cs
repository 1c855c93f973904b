using System.Buffers.Binary;

namespace Sweep.Models.Text;

/// <summary>Walks over the fields of a message in protobuf's wire format, within its bounds.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string place)
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;
    private readonly ReadOnlySpan<byte> _message = message;
    private readonly string _place = place;
    private int _at;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; false: the message is over.</summary>
    /// <exception cref="InvalidCheckpointException">No such message.</exception>
    public bool Read()
    {
        if (_at == _message.Length)
            return false;
        var tag = ReadVarint();
        if (tag >> 3 is 0 or > 536_870_911)
            throw Error($"field number {tag >> 3}", "1 to 536870911");
        Field = (int)(tag >> 3);
        _number = 0;
        _bytes = default;
        switch ((int)(tag & 7))
        {
            case Varint:
                _number = ReadVarint();
                break;
            case Fixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case Bytes:
                _bytes = Take(ReadVarint());
                break;
            case Fixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Error($"wire type {tag & 7}", "0, 1, 2 or 5");
        }

        return true;
    }

    public readonly ulong Number => _number;

    public readonly bool Flag => _number != 0;

    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)_number);

    public readonly ReadOnlySpan<byte> Content => _bytes;

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw Error("a number of more than 64 bits", "one of at most 64");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_message.Length - _at))
            throw Error($"{_message.Length - _at} bytes at the end", $"{count} more");
        var taken = _message.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private readonly InvalidCheckpointException Error(string found, string expected) => new($"{_place}: byte {_at}: found {found}, expected {expected}");
}
