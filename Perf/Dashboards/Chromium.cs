using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Perf.Dispatch;

namespace Sweep.Perf.Dashboards;

/// <summary>A headless Chromium with one tab, driven by its own protocol: $SWEEP_TEST_CHROMIUM, else the one on PATH.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Listening = "DevTools listening on ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome"];
    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private string? _session;
    private int _calls;

    private Chromium(Process process, string profile) => (_process, _profile) = (process, profile);

    public static async Task<Chromium> StartAsync(CancellationToken cancellationToken)
    {
        var program = Environment.GetEnvironmentVariable("SWEEP_TEST_CHROMIUM") is { Length: > 0 } given ? given : Find() ?? throw new HarnessException("found no chromium on PATH, expected one, or its path in SWEEP_TEST_CHROMIUM");
        var profile = Directory.CreateTempSubdirectory("sweep-chromium-").FullName;
        // No sandbox: it may run as root, and opens pages of its own dashboard alone.
        string[] arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1280,900", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"];
        var browser = new Chromium(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!, profile);
        try
        {
            await browser.ConnectAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to an address; seconds from the navigation's start to the frame that first had an element.</summary>
    public async Task<double> OpenAsync(Uri address, string selector, CancellationToken cancellationToken)
    {
        await CallAsync("Page.navigate", new JsonObject { ["url"] = address.AbsoluteUri }, cancellationToken);
        return await EvaluateAsync($"new Promise(done => {{ const look = () => document.querySelector({Quoted(selector)}) ? done(performance.now()) : requestAnimationFrame(look); look(); }})", cancellationToken);
    }

    /// <summary>Clicks an element; seconds until the frame that first had the other one.</summary>
    public Task<double> ClickAsync(string clicked, string selector, CancellationToken cancellationToken) => EvaluateAsync(
        $$"""
        new Promise(done => {
          const start = performance.now();
          const look = () => document.querySelector({{Quoted(selector)}}) ? done(performance.now() - start) : requestAnimationFrame(look);
          document.querySelector({{Quoted(clicked)}}).dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
          look();
        })
        """,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private static string? Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Programs.SelectMany(program => folders.Select(folder => Path.Combine(folder, program))).FirstOrDefault(File.Exists);
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                listening.TrySetException(new HarnessException("chromium ended at its start"));
            else if (line.Data.StartsWith(Listening, StringComparison.Ordinal))
                listening.TrySetResult(line.Data[Listening.Length..]);
        };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await _socket.ConnectAsync(new Uri(await listening.Task.WaitAsync(cancellationToken)), cancellationToken);
        var target = await CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, cancellationToken);
        var attached = await CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target["targetId"]!.DeepClone(), ["flatten"] = true }, cancellationToken);
        _session = (string)attached["sessionId"]!;
    }

    private async Task<double> EvaluateAsync(string script, CancellationToken cancellationToken)
    {
        var result = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true }, cancellationToken).WaitAsync(Patience, cancellationToken);
        return result["exceptionDetails"] is null && (double?)result["result"]?["value"] is { } milliseconds ? milliseconds / 1000 : throw new HarnessException($"the page's script gave {result.ToJsonString()}");
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        var call = new JsonObject { ["id"] = ++_calls, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
            call["sessionId"] = _session;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        while (true)
        {
            var answer = (await ReceiveAsync(cancellationToken))!;
            // Events come in between.
            if ((int?)answer["id"] == _calls)
                return answer["result"] ?? throw new HarnessException($"{method}: {answer["error"]?.ToJsonString()}");
        }
    }

    private async Task<JsonNode?> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[1 << 14];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, cancellationToken);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(message.ToArray());
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
