using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sweep.Cli.Tests.Data;

/// <summary>
/// An HTTP server on a free loopback port that answers with raw bytes, so that it can break off, lie about lengths and redirect. Each connection is one exchange.
/// </summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<int, Request, Answer> _answer;
    private readonly Task _loop;

    /// <param name="answer">By number of the request, from 0.</param>
    public FileServer(Func<int, Request, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public List<Request> Requests { get; } = [];

    /// <summary>What a well-behaved server says, also to a range.</summary>
    public static Answer File(Request request, byte[] content, string tag = "\"one\"")
    {
        var from = request.IfRange == tag || request.IfRange is null ? request.From ?? 0 : 0;
        return from > 0
            ? new Answer(206, content[(int)from..], $"ETag: {tag}", $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}", $"Content-Length: {content.Length - from}")
            : new Answer(200, content, $"ETag: {tag}", $"Content-Length: {content.Length}");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _loop;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                await using var stream = client.GetStream();
                var request = await ReadAsync(stream);
                var answer = _answer(Requests.Count, request);
                Requests.Add(request);
                var head = new StringBuilder($"HTTP/1.1 {answer.Status} X\r\nConnection: close\r\n");
                foreach (var line in answer.Headers)
                    head.Append(line).Append("\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _end.Token);
                await stream.WriteAsync(answer.Body, _end.Token);
                await stream.FlushAsync(_end.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // The client went, which some answers provoke, or the test is over.
            }
        }
    }

    private async Task<Request> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _end.Token) == 1)
            head.Append((char)one[0]);
        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string? Header(string name) => lines.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
        var range = Header("Range");
        return new Request(lines[0].Split(' ')[1], range is null ? null : long.Parse(range["bytes=".Length..].TrimEnd('-')), Header("If-Range"));
    }
}

internal sealed record Request(string Path, long? From, string? IfRange);

internal sealed record Answer(int Status, byte[] Body, params string[] Headers);
