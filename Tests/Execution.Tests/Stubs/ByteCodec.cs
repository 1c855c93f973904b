using System.Text;
using Sweep.Execution.Residency;

namespace Sweep.Execution.Tests.Stubs;

/// <summary>One token a UTF-8 byte.</summary>
internal sealed class ByteCodec : ITokenCodec
{
    public IReadOnlyList<int> Encode(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    public IReadOnlyList<int> EncodeContinuation(string text) => Encode(text);

    public byte[] DecodeBytes(IReadOnlyList<int> tokens) => [.. tokens.Select(token => (byte)token)];
}
