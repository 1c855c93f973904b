namespace Sweep.Execution.Hub;

/// <summary>Which addresses a download may lead to, and which of them are told the token.</summary>
internal sealed class HubRoute
{
    private readonly Uri _endpoint;
    private readonly IReadOnlyList<string> _redirects;

    /// <param name="endpoint">The hub.</param>
    /// <param name="redirects">Other hosts: HOST, HOST:PORT or *.DOMAIN.</param>
    public HubRoute(Uri endpoint, IReadOnlyList<string> redirects) => (_endpoint, _redirects) = (endpoint, redirects);

    /// <summary>Nobody on the way can read or change what is sent there.</summary>
    public static bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    public static bool IsPattern(string text)
    {
        var host = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return Uri.TryCreate($"https://{host}/", UriKind.Absolute, out var address) && address.Authority.Equals(host, StringComparison.OrdinalIgnoreCase) && address.UserInfo.Length == 0;
    }

    /// <summary>The hub itself: the same scheme, host and port.</summary>
    public bool IsEndpoint(Uri address) =>
        address.Scheme == _endpoint.Scheme && address.Port == _endpoint.Port && address.Host.Equals(_endpoint.Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a request may go there. Plain http never leads away from this machine, and to it only from a hub on it.</summary>
    public bool Allows(Uri address)
    {
        if (!address.IsAbsoluteUri || address.UserInfo.Length > 0 || !IsSafe(address))
            return false;
        if (IsEndpoint(address))
            return true;
        return (address.Scheme == Uri.UriSchemeHttps || _endpoint.IsLoopback) && _redirects.Any(pattern => Matches(pattern, address));
    }

    private static bool Matches(string pattern, Uri address)
    {
        if (pattern.StartsWith("*.", StringComparison.Ordinal))
            return address.IsDefaultPort && address.Host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase) && address.Host.Length > pattern.Length - 1;
        return address.Authority.Equals(pattern, StringComparison.OrdinalIgnoreCase);
    }
}
