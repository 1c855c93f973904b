using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sweep.Cluster.Tests.Processes;

/// <summary>What an OpenTelemetry collector gets: takes traces by OTLP over HTTP and keeps their spans.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<Span> _spans = [];
    private readonly Task _serving;

    public OtlpReceiver()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Endpoint = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add($"{Endpoint}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Endpoint { get; }

    public IReadOnlyList<Span> Spans
    {
        get
        {
            lock (_lock)
                return [.. _spans];
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                if (context.Request.Url!.AbsolutePath == "/v1/traces")
                {
                    lock (_lock)
                        _spans.AddRange(Read(body.ToArray()));
                }

                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    /// <summary>Request: resource spans (1), of these scope spans (2), of these spans (2): trace id (1), span id (2), parent (4), name (5).</summary>
    private static IEnumerable<Span> Read(byte[] request) =>
        from resource in Fields(request, 1)
        from scope in Fields(resource, 2)
        from span in Fields(scope, 2)
        select new Span(Hex(span, 1), Hex(span, 2), Hex(span, 4), Encoding.UTF8.GetString(Fields(span, 5).FirstOrDefault().Span));

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(Fields(message, field).FirstOrDefault().Span);

    /// <summary>The length-delimited fields of a protobuf message that have this number.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Number(message, ref at);
            var length = (tag & 7) switch
            {
                0 => Skip(message, ref at),
                1 => 8,
                2 => (int)Number(message, ref at),
                5 => 4,
                _ => throw new InvalidDataException($"wire type {tag & 7}"),
            };
            if ((tag & 7) == 2 && (int)(tag >> 3) == number)
                yield return message.Slice(at, length);
            at += length;
        }
    }

    private static int Skip(ReadOnlyMemory<byte> message, ref int at)
    {
        Number(message, ref at);
        return 0;
    }

    private static ulong Number(ReadOnlyMemory<byte> message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message.Span[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
    }

    /// <summary>A span; ids in lower-case hexadecimal, no parent: empty.</summary>
    internal sealed record Span(string TraceId, string Id, string ParentId, string Name);
}
