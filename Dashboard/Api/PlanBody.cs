using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Sweep.Dashboard.Api;

/// <summary>A plan as the body of a request.</summary>
internal static class PlanBody
{
    public const int MostBytes = 1 << 20;

    /// <summary>None that a page of another origin can send without being asked first.</summary>
    public static readonly string[] Types = ["application/yaml", "application/json", "application/x-yaml", "text/yaml", "text/x-yaml"];

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="BadHttpRequestException">It is of another type, too long or no UTF-8.</exception>
    public static async Task<string> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !Types.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase))
            throw new BadHttpRequestException($"Content-Type: found '{request.ContentType}', expected {string.Join(", ", Types)}", StatusCodes.Status415UnsupportedMediaType);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MostBytes;
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, cancellationToken);
        try
        {
            var text = Strict.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            return text.Length > 0 && text[0] == '\uFEFF' ? text[1..] : text;
        }
        catch (DecoderFallbackException exception)
        {
            throw new BadHttpRequestException($"the body is no UTF-8 from byte {exception.Index} on", exception);
        }
    }
}
