using System.Net;
using Sweep.Dashboard.Access.Oidc;

namespace Sweep.Dashboard;

/// <summary>Sweep:Dashboard: where the dashboard listens and who may come in.</summary>
public sealed class SweepDashboardOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = Key;

    internal const string Key = "Sweep:Dashboard";

    /// <summary>Nobody logs in: whoever reaches this machine's own addresses may do everything.</summary>
    internal const string NoLogin = "none";

    /// <summary>Users of `sweep user add`, with passwords.</summary>
    internal const string LocalLogin = "local";

    /// <summary>Users of an OpenID Connect issuer.</summary>
    internal const string OidcLogin = "oidc";

    /// <summary>Default: 127.0.0.1. Any but a loopback address needs a Login.</summary>
    public string Address { get; set; } = IPAddress.Loopback.ToString();

    /// <summary>0: a free one. Default: 5080.</summary>
    public int Port { get; set; } = 5080;

    /// <summary>none (on loopback only), local (users of `sweep user add`) or oidc (users of an OpenID Connect issuer). Default: none.</summary>
    public string Login { get; set; } = NoLogin;

    /// <summary>
    /// What browsers call the dashboard, https://sweep.example.org. Requests under another name are refused, and with https cookies are sent over TLS only. Default: this machine's own names;
    /// beyond loopback it must be said.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For is believed. Default: none.</summary>
    public IReadOnlyList<string> Proxies { get; set; } = [];

    /// <summary>How long a login lasts, hours. Default: 8.</summary>
    public double SessionHours { get; set; } = 8;

    /// <summary>Logins that may be tried from one address, and for one user, a minute. Default: 10.</summary>
    public int LoginsPerMinute { get; set; } = 10;

    /// <summary>Calls of the API from one address, a minute. Default: 600.</summary>
    public int CallsPerMinute { get; set; } = 600;

    /// <summary>How long an entry stays in the journal, days. Default: 365.</summary>
    public double JournalDays { get; set; } = 365;

    public OidcOptions Oidc { get; } = new();

    /// <summary>Plans that a new sweep can begin with: YAML files. Default: none.</summary>
    public string? TemplatesFolder { get; set; }

    internal bool NeedsLogin => Login != NoLogin;

    internal Uri? PublicUri => PublicUrl is { Length: > 0 } url ? new Uri(url) : null;

    /// <summary>Cookies go over TLS only.</summary>
    internal bool IsSecure => PublicUri?.Scheme == Uri.UriSchemeHttps;

    public IEnumerable<string> Problems()
    {
        var isAddress = IPAddress.TryParse(Address, out var address);
        if (!isAddress)
            yield return $"{Named(nameof(Address))}: found '{Address}', expected an IP address";
        if (Port is < 0 or > 65535)
            yield return $"{Named(nameof(Port))}: found {Port}, expected 0 (a free port) to 65535";
        if (Login is not (NoLogin or LocalLogin or OidcLogin))
            yield return $"{Named(nameof(Login))}: found '{Login}', expected {NoLogin}, {LocalLogin} or {OidcLogin}";
        var isBeyondLoopback = isAddress && !IPAddress.IsLoopback(address!);
        if (isBeyondLoopback && !NeedsLogin)
            yield return $"{Named(nameof(Login))}: found '{Login}' with address {Address}, where everybody on that network reaches the dashboard; expected {LocalLogin} or {OidcLogin}, or a loopback address";
        if (!IsUrl(PublicUrl))
            yield return $"{Named(nameof(PublicUrl))}: found '{PublicUrl}', expected http or https with a host and no path, for instance https://sweep.example.org";
        else if (isBeyondLoopback && PublicUri is null)
            yield return $"{Named(nameof(PublicUrl))}: found nothing with address {Address}, expected what browsers call the dashboard, for instance https://sweep.example.org";
        else if (isBeyondLoopback && !IsSecure && !PublicUri!.IsLoopback)
            yield return $"{Named(nameof(PublicUrl))}: found '{PublicUrl}', expected https: passwords and cookies would cross the network in the open";
        foreach (var proxy in Proxies.Where(proxy => !IPNetwork.TryParse(proxy, out _) && !IPAddress.TryParse(proxy, out _)))
            yield return $"{Named(nameof(Proxies))}: found '{proxy}', expected an IP address or a network such as 10.0.0.0/8";
        if (!(SessionHours is > 0 and <= 168))
            yield return $"{Named(nameof(SessionHours))}: found {SessionHours}, expected above 0, at most 168";
        if (!(JournalDays is >= 1 and <= 36_500))
            yield return $"{Named(nameof(JournalDays))}: found {JournalDays}, expected 1 to 36500";
        foreach (var (name, count) in new[] { (nameof(LoginsPerMinute), LoginsPerMinute), (nameof(CallsPerMinute), CallsPerMinute) })
        {
            if (count is < 1 or > 1_000_000)
                yield return $"{Named(name)}: found {count}, expected 1 to 1000000";
        }

        if (Login != OidcLogin)
            yield break;
        foreach (var problem in Oidc.Problems())
            yield return problem;
    }

    internal static string Named(string setting) => $"{Key}:{setting} (environment variable {$"{Key}:{setting}".Replace(":", "__", StringComparison.Ordinal)})";

    private static bool IsUrl(string? text) =>
        text is not { Length: > 0 } || (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            && url.PathAndQuery == "/" && url.UserInfo.Length == 0 && url.Fragment.Length == 0);
}
