using System.Text;

namespace Sweep.Persistence.Exports;

/// <summary>Responses are bytes; where they are valid UTF-8 an export shows them as text.</summary>
public static class ResponseText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static bool TryDecode(byte[] response, out string text)
    {
        try
        {
            text = Strict.GetString(response);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
