using System.Buffers.Text;
using System.Text;

namespace Sweep.Dashboard.Api;

/// <summary>Where a page of item rows ended; for callers a text that means nothing.</summary>
internal sealed record ItemCursor(string Job, string Item)
{
    private const int JobLength = 64;
    private const int Longest = 4096;

    /// <summary>Null: it is none.</summary>
    public static ItemCursor? Read(string text)
    {
        if (text.Length > Longest || !Base64Url.IsValid(text))
            return null;
        var plain = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        return plain.Length > JobLength && plain.AsSpan(0, JobLength).IndexOfAnyExcept("0123456789abcdef") < 0 ? new ItemCursor(plain[..JobLength], plain[JobLength..]) : null;
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Job + Item));
}
