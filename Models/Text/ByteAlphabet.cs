using System.Text;

namespace Sweep.Models.Text;

/// <summary>
/// The alphabet of byte-level BPE: every byte as one printable character. Bytes that print in Latin-1 stand for themselves, the others for
/// the characters from U+0100 on, in order (Radford et al., 2019, GPT-2).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] OfByte = Make();
    private static readonly Dictionary<char, byte> OfChar = Enumerable.Range(0, 256).ToDictionary(value => OfByte[value], value => (byte)value);

    /// <summary>The character of each byte.</summary>
    public static ReadOnlySpan<char> Characters => OfByte;

    /// <summary>The text's UTF-8 bytes, one character each.</summary>
    public static string Write(string text) => string.Create(Encoding.UTF8.GetByteCount(text), text, static (into, source) =>
    {
        var bytes = Encoding.UTF8.GetBytes(source);
        for (var at = 0; at < bytes.Length; at++)
            into[at] = OfByte[bytes[at]];
    });

    /// <summary>The bytes that a token's characters stand for; null where one stands for none.</summary>
    public static byte[]? Read(string token)
    {
        var bytes = new byte[token.Length];
        for (var at = 0; at < token.Length; at++)
        {
            if (!OfChar.TryGetValue(token[at], out bytes[at]))
                return null;
        }

        return bytes;
    }

    private static char[] Make()
    {
        var characters = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var prints = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = (char)(prints ? value : next++);
        }

        return characters;
    }
}
