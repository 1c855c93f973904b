namespace Sweep.Execution.Hub;

/// <summary>Sweep:Hub: where models that plans name as hf:ORG/NAME come from, and where they are kept. The token is no setting: it is taken from the environment.</summary>
public sealed class HubOptions
{
    public const string Key = "Sweep:Hub";
    public const string PublicEndpoint = "https://huggingface.co";

    /// <summary>The variable with the token for models that are not public; it is sent to the endpoint and nowhere else.</summary>
    public const string TokenVariable = "HF_TOKEN";

    private static readonly string[] PublicStorage = ["*.huggingface.co", "*.hf.co"];

    /// <summary>A Hugging Face-compatible hub: an https address, or an http one of this machine. Default: https://huggingface.co.</summary>
    public string Endpoint { get; set; } = PublicEndpoint;

    /// <summary>
    /// Where the endpoint may send a download to, beside itself: HOST, HOST:PORT or *.DOMAIN. Default: the public hub's storage (*.huggingface.co, *.hf.co) for the public hub, nothing for another.
    /// </summary>
    public IReadOnlyList<string>? RedirectHosts { get; set; }

    /// <summary>Folder of the models that were fetched, for all processes that are given it. Default: sweep/models in $XDG_CACHE_HOME, else in ~/.cache.</summary>
    public string Cache { get; set; } = DefaultCache();

    /// <summary>Models that plans name are fetched when they are not in the cache; false: the hub is never asked. Default: true.</summary>
    public bool Fetch { get; set; } = true;

    /// <summary>The largest model that is fetched, bytes. Default: 137438953472 (128 GiB).</summary>
    public long MostBytes { get; set; } = 128L << 30;

    /// <summary>Files of a model that are fetched at once. Default: 4.</summary>
    public int Parallel { get; set; } = 4;

    internal IReadOnlyList<string> Redirects => RedirectHosts ?? (new Uri(Endpoint).Host == new Uri(PublicEndpoint).Host ? PublicStorage : []);

    public void CopyTo(HubOptions other) =>
        (other.Endpoint, other.RedirectHosts, other.Cache, other.Fetch, other.MostBytes, other.Parallel) = (Endpoint, RedirectHosts, Cache, Fetch, MostBytes, Parallel);

    public IEnumerable<string> Problems()
    {
        if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var endpoint) || !HubRoute.IsSafe(endpoint) || endpoint.Query.Length > 0 || endpoint.UserInfo.Length > 0)
            yield return $"{Key}:{nameof(Endpoint)} is '{Endpoint}', expected an https address, or an http one of this machine";
        foreach (var host in RedirectHosts ?? [])
        {
            if (!HubRoute.IsPattern(host))
                yield return $"{Key}:{nameof(RedirectHosts)} holds '{host}', expected HOST, HOST:PORT or *.DOMAIN";
        }

        if (string.IsNullOrWhiteSpace(Cache) || Cache.Contains('\0', StringComparison.Ordinal))
            yield return $"{Key}:{nameof(Cache)} is '{Cache}', expected a folder";
        if (MostBytes <= 0)
            yield return $"{Key}:{nameof(MostBytes)} is {MostBytes}, expected above 0";
        if (Parallel is < 1 or > 32)
            yield return $"{Key}:{nameof(Parallel)} is {Parallel}, expected 1 to 32";
    }

    private static string DefaultCache()
    {
        var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache)
            ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(home, "sweep", "models");
    }
}
