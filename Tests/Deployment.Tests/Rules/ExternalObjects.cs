namespace Sweep.Deployment.Tests.Rules;

/// <summary>What an operator creates before applying an overlay: no secret is in the repository. docs/kubernetes.md names every key (tested).</summary>
internal static class ExternalObjects
{
    /// <summary>Keys by secret.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Secrets { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["sweep-store"] = ["host", "port", "database", "username", "password"],
        ["sweep-broker"] = ["host", "username", "password"],
        ["sweep-ca"] = ["ca.crt"],
        ["sweep-oidc"] = ["authority", "client-id", "client-secret"],
    };

    public static bool HasSecretKey(string secret, string key) => Secrets.TryGetValue(secret, out var keys) && keys.Contains(key);
}
