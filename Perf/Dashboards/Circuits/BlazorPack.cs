using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sweep.Perf.Dashboards.Circuits;

/// <summary>A message of the hub that circuits talk through.</summary>
/// <param name="Kind">1: a call, 3: its answer, 6: a ping, 7: the end.</param>
/// <param name="Target">What is called; null: it is no call.</param>
/// <param name="Arguments">Of a call; of an answer its result, of an end its reason, where there is one.</param>
internal sealed record HubMessage(int Kind, string? Target, IReadOnlyList<object?> Arguments);

/// <summary>The hub's protocol, as far as a circuit needs it: MessagePack arrays with their length before them. The server speaks it with browsers, and no public client does.</summary>
internal static class BlazorPack
{
    public const string Name = "blazorpack";
    public const int Call = 1;
    public const int Answer = 3;
    public const int Ping = 6;
    public const int End = 7;
    private const int ResultWithValue = 3;

    /// <param name="invocation">Null: no answer is wanted.</param>
    /// <param name="target">What is called.</param>
    /// <param name="arguments">Texts, whole numbers, truth values and nulls.</param>
    public static byte[] WriteCall(string? invocation, string target, params ReadOnlySpan<object?> arguments)
    {
        var body = new ArrayBufferWriter<byte>();
        Put(body, 0x96);
        Put(body, Call);
        Put(body, 0x80);
        Write(body, invocation);
        Write(body, target);
        Put(body, (byte)(0x90 | arguments.Length));
        foreach (var argument in arguments)
            Write(body, argument);
        Put(body, 0x90);
        return Framed(body.WrittenSpan);
    }

    public static byte[] WritePing() => Framed([0x91, Ping]);

    /// <summary>The first whole message; null: it is not all there yet.</summary>
    /// <param name="length">Bytes that it takes with what is before it.</param>
    public static HubMessage? Read(ReadOnlyMemory<byte> received, out int length)
    {
        (length, var body, var shift) = (0, 0, 0);
        while (true)
        {
            if (length == received.Length)
                return null;
            var next = received.Span[length++];
            body |= (next & 0x7f) << shift;
            shift += 7;
            if (next < 0x80)
                break;
        }

        if (received.Length < length + body)
            return null;
        var parts = (object?[])new PackedReader(received.Slice(length, body)).Read()!;
        length += body;
        var kind = (int)(long)parts[0]!;
        return kind switch
        {
            Call => new HubMessage(kind, (string)parts[3]!, (object?[])parts[4]!),
            Answer => new HubMessage(kind, null, (long)parts[3]! == ResultWithValue ? [parts[4]] : parts.Length > 4 ? [parts[4]] : []),
            End => new HubMessage(kind, null, [parts[1]]),
            _ => new HubMessage(kind, null, []),
        };
    }

    private static byte[] Framed(ReadOnlySpan<byte> body)
    {
        var framed = new List<byte>(body.Length + 5);
        var left = body.Length;
        do
        {
            framed.Add((byte)((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
            left >>= 7;
        }
        while (left > 0);
        framed.AddRange(body);
        return [.. framed];
    }

    private static void Write(ArrayBufferWriter<byte> body, object? value)
    {
        switch (value)
        {
            case null:
                Put(body, 0xc0);
                break;
            case bool truth:
                Put(body, truth ? (byte)0xc3 : (byte)0xc2);
                break;
            case long number:
                Put(body, 0xd3);
                BinaryPrimitives.WriteInt64BigEndian(body.GetSpan(8), number);
                body.Advance(8);
                break;
            case string text:
                Put(body, 0xdb);
                BinaryPrimitives.WriteInt32BigEndian(body.GetSpan(4), Encoding.UTF8.GetByteCount(text));
                body.Advance(4);
                body.Write(Encoding.UTF8.GetBytes(text));
                break;
            default:
                throw new ArgumentException($"found a {value.GetType().Name}, expected a text, a long, a truth value or null", nameof(value));
        }
    }

    private static void Put(ArrayBufferWriter<byte> body, byte value)
    {
        body.GetSpan(1)[0] = value;
        body.Advance(1);
    }
}
