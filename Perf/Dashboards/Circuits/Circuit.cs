using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sweep.Perf.Dispatch;

namespace Sweep.Perf.Dashboards.Circuits;

/// <summary>
/// An open page of a dashboard without a browser: the page is asked for, its circuit is opened over a web socket with the compression that browsers ask for, and every drawing is confirmed. Nothing is drawn:
/// what a browser would work stays out of the measurement, what the server works does not.
/// </summary>
internal sealed partial class Circuit : IAsyncDisposable
{
    private const string Drawing = "JS.RenderBatch";
    private const string Script = "JS.BeginInvokeJS";
    private const string Failure = "JS.Error";
    private const int FirstBuffer = 1 << 16;
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);
    private static readonly byte[] Handshake = Encoding.UTF8.GetBytes($$"""{"protocol":"{{BlazorPack.Name}}","version":1}{{'\u001e'}}""");
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private (byte[] Text, TaskCompletionSource Seen)? _awaited;
    private Task _receiving = Task.CompletedTask;
    private int _references;

    private Circuit()
    {
        _socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    /// <summary>Drawings that came.</summary>
    public int Drawings { get; private set; }

    /// <summary>Bytes of all drawings, before compression.</summary>
    public long Bytes { get; private set; }

    /// <summary>Opens the page at the address; returns when a drawing had the text.</summary>
    public static async Task<Circuit> OpenAsync(HttpClient client, string path, string text, CancellationToken cancellationToken)
    {
        var circuit = new Circuit();
        try
        {
            var seen = circuit.Await(text);
            await circuit.StartAsync(client, new Uri(client.BaseAddress!, path), cancellationToken);
            var first = await Task.WhenAny(seen, circuit._receiving).WaitAsync(client.Timeout, cancellationToken);
            await first;
            return first == seen ? circuit : throw new HarnessException($"{path}: the circuit ended before '{text}' was drawn");
        }
        catch (TimeoutException)
        {
            await circuit.DisposeAsync();
            throw new HarnessException($"{path}: no drawing had '{text}' after {client.Timeout.TotalSeconds} s; {circuit.Drawings} came");
        }
        catch
        {
            await circuit.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="HarnessException">The server or the connection has ended it.</exception>
    public void ThrowIfEnded()
    {
        if (_receiving.IsCompleted)
            throw new HarnessException($"a circuit ended: {_receiving.Exception?.InnerException?.Message}");
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _sending.Dispose();
        _closing.Dispose();
    }

    private Task Await(string text)
    {
        lock (_lock)
        {
            _awaited = (Encoding.UTF8.GetBytes(text), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _awaited.Value.Seen.Task;
        }
    }

    private async Task StartAsync(HttpClient client, Uri page, CancellationToken cancellationToken)
    {
        var html = await client.GetStringAsync(page, cancellationToken);
        var markers = Markers().Matches(html).Select(match => match.Groups[1].Value).ToArray();
        if (markers.Length == 0)
            throw new HarnessException($"{page}: found no component in the page, expected those that a circuit draws");
        using var negotiated = await client.PostAsync(new Uri("/_blazor/negotiate?negotiateVersion=1", UriKind.Relative), null, cancellationToken);
        using var answer = JsonDocument.Parse(await negotiated.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
        var token = Uri.EscapeDataString(answer.RootElement.GetProperty("connectionToken").GetString()!);
        await _socket.ConnectAsync(new Uri($"ws://{page.Authority}/_blazor?id={token}"), cancellationToken);
        await _socket.SendAsync(Handshake, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        await SendAsync(BlazorPack.WriteCall("0", "StartCircuit", $"{page.Scheme}://{page.Authority}/", page.AbsoluteUri, "[]", ""));
        var operations = markers.Select((marker, index) => string.Create(CultureInfo.InvariantCulture, $$"""{"type":"add","ssrComponentId":{{index + 1}},"marker":{{marker}}}"""));
        await SendAsync(BlazorPack.WriteCall(null, "UpdateRootComponents", $$"""{"batchId":1,"operations":[{{string.Join(',', operations)}}]}""", State().Match(html) is { Success: true } state ? state.Groups[1].Value : ""));
        _receiving = ReceiveAsync();
        _ = PingAsync();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[FirstBuffer];
        var (filled, isGreeted) = (0, false);
        while (true)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
            var received = await _socket.ReceiveAsync(buffer.AsMemory(filled), _closing.Token);
            if (received.MessageType == WebSocketMessageType.Close)
                throw new HarnessException($"the server closed a circuit: {_socket.CloseStatusDescription}");
            filled += received.Count;
            var read = 0;
            if (!isGreeted && Array.IndexOf(buffer, (byte)0x1e, 0, filled) is >= 0 and var end)
                (isGreeted, read) = (true, end + 1);
            while (isGreeted && BlazorPack.Read(buffer.AsMemory(read..filled), out var length) is { } message)
            {
                await HandleAsync(message);
                read += length;
            }

            buffer.AsSpan(read..filled).CopyTo(buffer);
            filled -= read;
        }
    }

    private async Task HandleAsync(HubMessage message)
    {
        switch (message)
        {
            case { Target: Drawing, Arguments: [long number, ReadOnlyMemory<byte> drawing] }:
                Drawings++;
                Bytes += drawing.Length;
                lock (_lock)
                {
                    if (_awaited is { } awaited && drawing.Span.IndexOf(awaited.Text) >= 0)
                        awaited.Seen.TrySetResult();
                }

                await SendAsync(BlazorPack.WriteCall(null, "OnRenderCompleted", number, null));
                break;
            case { Target: Script, Arguments: [long call, string name, _, long wanted, ..] } when call != 0:
                var result = PageScripts.Answer(name, wanted, ++_references);
                await SendAsync(BlazorPack.WriteCall(null, "EndInvokeJSFromDotNet", call, true, string.Create(CultureInfo.InvariantCulture, $"[{call},true,{result}]")));
                break;
            case { Target: Failure } or { Kind: BlazorPack.End }:
                throw new HarnessException($"a circuit failed: {message.Arguments.FirstOrDefault()}");
            default:
                break;
        }
    }

    private async Task SendAsync(byte[] message)
    {
        await _sending.WaitAsync(_closing.Token);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, _closing.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task PingAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(PingEvery);
            while (await timer.WaitForNextTickAsync(_closing.Token))
                await SendAsync(BlazorPack.WritePing());
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // The circuit is closed, or the receiving side tells why it is not.
        }
    }

    [GeneratedRegex("""<!--Blazor:(\{"type":"server".*?\})-->""")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex State();
}
