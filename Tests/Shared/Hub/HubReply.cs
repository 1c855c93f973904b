using System.Globalization;
using System.Text;

namespace Sweep.Tests.Hub;

/// <summary>An answer as it goes over the wire.</summary>
internal sealed record HubReply(int Code, IReadOnlyList<string> Headers, Func<Stream, CancellationToken, Task> Body)
{
    public static HubReply Status(int code, params string[] headers) => new(code, ["Content-Length: 0", .. headers], (_, _) => Task.CompletedTask);

    public static HubReply Redirect(string location, params string[] headers) => Status(302, [$"Location: {location}", .. headers]);

    /// <summary>Whole, or from a byte on.</summary>
    public static HubReply Of(byte[] content, long from = 0) => Partial(content.Length, from, (stream, token) => stream.WriteAsync(content.AsMemory((int)from), token).AsTask());

    public static HubReply Partial(long length, long from, Func<Stream, CancellationToken, Task> body)
    {
        string[] range = from > 0 ? [string.Create(CultureInfo.InvariantCulture, $"Content-Range: bytes {from}-{length - 1}/{length}")] : [];
        return new(from > 0 ? 206 : 200, [string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length - from}"), .. range], body);
    }

    /// <summary>The same promise, but only so much of the body; then the connection ends.</summary>
    public HubReply CutAfter(int bytes) => this with
    {
        Body = async (stream, token) =>
        {
            using var whole = new MemoryStream();
            await Body(whole, token);
            await stream.WriteAsync(whole.ToArray().AsMemory(0, (int)Math.Min(bytes, whole.Length)), token);
        },
    };

    public HubReply With(params string[] headers) => this with { Headers = [.. Headers, .. headers] };

    public HubReply Without(string header) => this with { Headers = [.. Headers.Where(line => !line.StartsWith(header + ":", StringComparison.OrdinalIgnoreCase))] };

    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {Code} Said\r\nConnection: close\r\n"));
        foreach (var header in Headers)
            head.Append(header).Append("\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), cancellationToken);
        await Body(stream, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }
}
