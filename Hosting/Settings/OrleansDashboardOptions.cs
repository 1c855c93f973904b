namespace Sweep.Hosting.Settings;

/// <summary>Sweep:OrleansDashboard: Orleans' own pages about silos and grains, under /orleans of the HTTP port.</summary>
public sealed class OrleansDashboardOptions
{
    internal const string Key = "Sweep:OrleansDashboard";
    private const int ShortestToken = 16;

    /// <summary>Its profiler costs every grain call a little: for looking into something. Default: false.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// Who asks must send it, as a bearer token or as the password of basic authentication (any user name). A secret: give it by the environment. Default: none, which is allowed on loopback only.
    /// </summary>
    public string? Token { get; set; }

    internal IEnumerable<string> Problems(NetworkOptions network)
    {
        var token = Setting.Named($"{Key}:{nameof(Token)}");
        if (Token is { Length: > 0 and < ShortestToken })
            yield return $"{token} has {Token.Length} characters, expected at least {ShortestToken}";
        if (Enabled && network.Internal && Token is not { Length: > 0 })
            yield return $"{token} is empty while {Key}:{nameof(Enabled)} and {NetworkOptions.Key}:{nameof(network.Internal)} are true: expected a token, because pages for people never listen beyond loopback without authentication";
    }
}
