using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sweep.Tests.Hub;

/// <summary>
/// A hub on a free loopback port. It answers with raw bytes, so that it can break off, lie and lead astray; what nobody steps into it answers as a hub does. Each connection is one exchange.
/// </summary>
internal sealed class HubServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<HubRequest> _requests = [];
    private readonly List<Task> _exchanges = [];
    private readonly Task _loop;

    public HubServer()
    {
        _listener.Start();
        _loop = ServeAsync();
    }

    /// <summary>Models by "ORG/NAME@COMMIT".</summary>
    public Dictionary<string, HubRepository> Models { get; } = new(StringComparer.Ordinal);

    /// <summary>Steps in; null: answer as a hub does.</summary>
    public Func<HubRequest, HubReply?> Answer { get; set; } = _ => null;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"http://127.0.0.1:{Port}";

    public HubRequest[] Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    public HubRepository Add(string repository, params (string Name, byte[] Content)[] files)
    {
        var model = new HubRepository(repository, files);
        Models[$"{repository}@{model.Commit}"] = model;
        Models[$"{repository}@main"] = model;
        return model;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _loop;
        Task[] open;
        lock (_lock)
            open = [.. _exchanges];
        await Task.WhenAll(open);
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                lock (_lock)
                    _exchanges.Add(ExchangeAsync(client));
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ExchangeAsync(TcpClient client)
    {
        await Task.Yield();
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                if (await ReadAsync(stream) is not { } request)
                    return;
                lock (_lock)
                    _requests.Add(request);
                await (Answer(request) ?? Served(request)).WriteAsync(stream, _end.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // The client went, which some answers provoke, or the test is over.
            }
        }
    }

    private HubReply Served(HubRequest request)
    {
        var parts = request.Path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", "models", var organisation, var name, "revision", var revision])
            return Models.TryGetValue($"{organisation}/{name}@{Uri.UnescapeDataString(revision)}", out var model) ? HubReply.Of(model.Listing()) : HubReply.Status(404);
        if (parts is [var owner, var called, "resolve", var commit, var file] && Models.TryGetValue($"{owner}/{called}@{commit}", out var held) && held.Find(file) is { } content)
            return HubReply.Of(content, request.From);
        return HubReply.Status(404);
    }

    private async Task<HubRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
                return null;
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string? Header(string name) => lines.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
        var range = Header("Range");
        return new HubRequest(lines[0].Split(' ')[1], range is null ? 0 : long.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture), Header("Authorization"));
    }
}

/// <param name="Path">With its query.</param>
/// <param name="From">First byte that is asked for.</param>
/// <param name="Authorization">Null: none was sent.</param>
internal sealed record HubRequest(string Path, long From, string? Authorization)
{
    public bool IsFile(string name) => Path.EndsWith($"/{name}", StringComparison.Ordinal);
}
