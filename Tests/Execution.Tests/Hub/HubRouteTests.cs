using System.Diagnostics.Metrics;
using Sweep.Contracts.Plans;
using Sweep.Execution.Hub;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Hub;

/// <summary>Who is contacted, and who is told the token.</summary>
public sealed class HubRouteTests : IAsyncDisposable
{
    private const string Token = "hf_secret";
    private readonly HubBench _bench = new();
    private readonly HubServer _storage = new();

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Pull_RedirectToAnAllowedHost_IsFollowedWithoutTheToken()
    {
        _bench.Options.RedirectHosts = [$"127.0.0.1:{_storage.Port}"];
        Redirect($"{_storage.Address}/blob?signature=1");
        _storage.Answer = request => HubReply.Of(HubBench.Weights, request.From).CutAfter(200_000);
        await HubBench.PullAsync(_bench.Open(Token));

        Assert.All(_bench.Server.Requests, request => Assert.Equal($"Bearer {Token}", request.Authorization));
        Assert.Equal([(0L, null), (200_000L, null)], _storage.Requests.Select(request => (request.From, request.Authorization)));
    }

    [Fact]
    public async Task Pull_RelativeRedirect_StaysAndKeepsTheToken()
    {
        _bench.Server.Answer = request => request.Path.StartsWith("/moved", StringComparison.Ordinal) ? HubReply.Of(HubBench.Weights) : request.IsFile("model.safetensors") ? HubReply.Redirect("/moved") : null;
        await HubBench.PullAsync(_bench.Open(Token));
        Assert.Equal($"Bearer {Token}", _bench.Server.Requests.Single(request => request.Path == "/moved").Authorization);
    }

    [Fact]
    public async Task Pull_RedirectThroughStorageAndBack_ToldOnlyTheHub()
    {
        _bench.Options.RedirectHosts = [$"127.0.0.1:{_storage.Port}"];
        Redirect($"{_storage.Address}/first");
        _storage.Answer = request => request.Path == "/first" ? HubReply.Redirect("/second") : HubReply.Of(HubBench.Weights);
        await HubBench.PullAsync(_bench.Open(Token));
        Assert.Equal(["/first", "/second"], _storage.Requests.Select(request => request.Path));
        Assert.All(_storage.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task Pull_RedirectToAnotherHost_IsRefusedAndThatHostNeverAsked()
    {
        Redirect($"{_storage.Address}/blob?signature=secret");
        var message = await _bench.RefusalAsync();
        Assert.EndsWith($"found the way to {_storage.Address}/blob, expected {_bench.Server.Address} or a host of Sweep:Hub:RedirectHosts (none)", message, StringComparison.Ordinal);
        Assert.Empty(_storage.Requests);
    }

    [Fact]
    public async Task List_RedirectToAnotherHost_IsRefusedAndThatHostNeverAsked()
    {
        _bench.Server.Answer = _ => HubReply.Redirect($"{_storage.Address}/api");
        Assert.Contains($"found the way to {_storage.Address}/api", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.Empty(_storage.Requests);
    }

    [Theory]
    [InlineData("https://192.0.2.1/f", "found the way to https://192.0.2.1/f")]
    [InlineData("http://192.0.2.1/f", "found the way to http://192.0.2.1/f")]
    [InlineData("file:///etc/hostname", "found the way to file:///etc/hostname")]
    [InlineData("ftp://127.0.0.1/f", "found the way to ftp://127.0.0.1/f")]
    [InlineData("//192.0.2.1/f", "found the way to http://192.0.2.1/f")]
    public async Task Pull_RedirectThatLeadsAstray_IsNotFollowed(string target, string message)
    {
        Redirect(target);
        Assert.Contains(message, await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_RedirectInACircle_Ends()
    {
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Redirect(request.Path) : null;
        Assert.Contains("found more than 5 redirects, expected the file", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.Equal(6, _bench.Server.Requests.Count(request => request.IsFile("model.safetensors")));
    }

    [Fact]
    public async Task Pull_RedirectWithoutAPlace_IsSaid()
    {
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Status(302) : null;
        Assert.Contains("found status 302 without a place to go, expected the file", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    /// <summary>What the runtime itself counts: the connections that were opened, and the names that were looked up.</summary>
    [Fact]
    public async Task Pull_Model_ContactsTheEndpointAndItsRedirectsAlone()
    {
        _bench.Options.RedirectHosts = [$"127.0.0.1:{_storage.Port}"];
        Redirect($"{_storage.Address}/blob");
        _storage.Answer = request => HubReply.Of(HubBench.Weights, request.From);
        var contacted = new HashSet<string>(StringComparer.Ordinal);
        using (var network = new MeterListener())
        {
            network.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "http.client.open_connections" or "http.client.active_requests" or "dns.lookup.duration")
                    listener.EnableMeasurementEvents(instrument);
            };
            network.SetMeasurementEventCallback<long>((_, _, tags, _) => Add($"{Tag(tags, "server.address")}:{Tag(tags, "server.port")}"));
            network.SetMeasurementEventCallback<double>((_, _, tags, _) => Add($"{Tag(tags, "dns.question.name")}"));
            network.Start();
            await HubBench.PullAsync(_bench.Open(Token));
        }

        Assert.Equal([.. new[] { $"127.0.0.1:{_bench.Server.Port}", $"127.0.0.1:{_storage.Port}" }.Order(StringComparer.Ordinal)], contacted.Order(StringComparer.Ordinal));

        void Add(string place)
        {
            lock (contacted)
                contacted.Add(place);
        }
    }

    [Theory]
    [InlineData("https://hub.example", "https://hub.example/x", true, true)]
    [InlineData("https://hub.example", "https://HUB.example:443/x", true, true)]
    [InlineData("https://hub.example", "https://hub.example:8443/x", false, false)]
    [InlineData("https://hub.example", "http://hub.example/x", false, false)]
    [InlineData("https://hub.example", "https://user@hub.example/x", false, true)]
    [InlineData("https://hub.example", "https://a.store.example/x", true, false)]
    [InlineData("https://hub.example", "https://store.example/x", false, false)]
    [InlineData("https://hub.example", "https://evilstore.example/x", false, false)]
    [InlineData("https://hub.example", "https://a.store.example:8443/x", false, false)]
    [InlineData("https://hub.example", "https://exact.example/x", true, false)]
    [InlineData("https://hub.example", "https://exact.example.evil/x", false, false)]
    [InlineData("https://hub.example", "https://ported.example:8443/x", true, false)]
    [InlineData("https://hub.example", "https://ported.example/x", false, false)]
    [InlineData("https://hub.example", "http://127.0.0.1/x", false, false)]
    public void Route_Addresses_AreAllowedAndToldAsTheyShould(string endpoint, string address, bool allowed, bool told)
    {
        var route = new HubRoute(new Uri(endpoint), ["*.store.example", "exact.example", "ported.example:8443", "127.0.0.1"]);
        Assert.Equal((allowed, told), (route.Allows(new Uri(address)), route.IsEndpoint(new Uri(address))));
    }

    [Theory]
    [InlineData(HubOptions.PublicEndpoint, "https://cas-bridge.xethub.hf.co/x", true)]
    [InlineData(HubOptions.PublicEndpoint, "https://cdn-lfs.huggingface.co/x", true)]
    [InlineData(HubOptions.PublicEndpoint, "https://example.org/x", false)]
    [InlineData("https://mirror.example", "https://cdn-lfs.huggingface.co/x", false)]
    public void Options_Defaults_KnowThePublicHubsStorage(string endpoint, string address, bool allowed)
    {
        var options = new HubOptions { Endpoint = endpoint };
        Assert.Empty(options.Problems());
        Assert.Equal(allowed, new HubRoute(new Uri(endpoint), options.Redirects).Allows(new Uri(address)));
    }

    [Theory]
    [InlineData("http://hub.example", "*.ok.example", "Sweep:Hub:Endpoint is 'http://hub.example', expected an https address")]
    [InlineData("nowhere", "*.ok.example", "Sweep:Hub:Endpoint is 'nowhere'")]
    [InlineData("https://user:secret@hub.example", "*.ok.example", "Sweep:Hub:Endpoint is ")]
    [InlineData("https://hub.example", "https://a.example", "Sweep:Hub:RedirectHosts holds 'https://a.example', expected HOST, HOST:PORT or *.DOMAIN")]
    [InlineData("https://hub.example", "*", "Sweep:Hub:RedirectHosts holds '*'")]
    [InlineData("https://hub.example", "a/b", "Sweep:Hub:RedirectHosts holds 'a/b'")]
    public void Options_ThatCannotWork_AreNamed(string endpoint, string redirect, string message) =>
        Assert.Contains(message, Assert.Single(new HubOptions { Endpoint = endpoint, RedirectHosts = [redirect] }.Problems()), StringComparison.Ordinal);

    [Fact]
    public async Task Pull_PlainHttpToAnotherMachine_IsRefusedBeforeAnythingIsSent()
    {
        using var hub = new ModelHub(new HubOptions { Endpoint = "http://192.0.2.1", Cache = _bench.Options.Cache }, Token, new HurriedTime());
        var refused = await Assert.ThrowsAsync<HubFailedException>(() => hub.PrepareAsync(new HubModel("org", "tiny", "main"), TestContext.Current.CancellationToken));
        Assert.Contains("found the way to http://192.0.2.1/api/models/org/tiny/revision/main", refused.Message, StringComparison.Ordinal);
    }

    private void Redirect(string target) => _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Redirect(target) : null;

    private static object? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
                return tag.Value;
        }

        return null;
    }
}
