using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access.Oidc;

/// <summary>Sweep:Dashboard:Oidc: the issuer that users log in at.</summary>
public sealed class OidcOptions
{
    internal const string SectionName = "Oidc";

    /// <summary>The issuer, as its discovery document (.well-known/openid-configuration below it) says. Default: none.</summary>
    public string? Authority { get; set; }

    /// <summary>Default: none.</summary>
    public string? ClientId { get; set; }

    /// <summary>A secret: give it by the environment. Default: none, for clients that have none (PKCE is always used).</summary>
    public string? ClientSecret { get; set; }

    /// <summary>Besides openid. Default: profile.</summary>
    public IReadOnlyList<string> Scopes { get; set; } = ["profile"];

    /// <summary>The claim of the identity token whose values give roles. Default: roles.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>The claim that pages call the user by. Default: name.</summary>
    public string NameClaim { get; set; } = "name";

    /// <summary>Value of the claim that makes a viewer. Default: sweep-viewer.</summary>
    public string Viewer { get; set; } = "sweep-viewer";

    /// <summary>Value of the claim that makes an operator. Default: sweep-operator.</summary>
    public string Operator { get; set; } = "sweep-operator";

    /// <summary>Value of the claim that makes an admin. Default: sweep-admin.</summary>
    public string Admin { get; set; } = "sweep-admin";

    /// <summary>The highest role among the claim's values; null: none of them gives one.</summary>
    internal AccessRole? RoleOf(IEnumerable<string> values)
    {
        var found = values.ToHashSet(StringComparer.Ordinal);
        return found.Contains(Admin) ? AccessRole.Admin : found.Contains(Operator) ? AccessRole.Operator : found.Contains(Viewer) ? AccessRole.Viewer : null;
    }

    internal IEnumerable<string> Problems()
    {
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority) || (authority.Scheme != Uri.UriSchemeHttps && !(authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback)))
            yield return $"{Named(nameof(Authority))}: found '{Authority}', expected the https address of an OpenID Connect issuer";
        if (string.IsNullOrWhiteSpace(ClientId))
            yield return $"{Named(nameof(ClientId))}: found nothing, expected the name under which the issuer knows the dashboard";
        foreach (var (name, value) in new[] { (nameof(RoleClaim), RoleClaim), (nameof(NameClaim), NameClaim), (nameof(Viewer), Viewer), (nameof(Operator), Operator), (nameof(Admin), Admin) })
        {
            if (string.IsNullOrWhiteSpace(value))
                yield return $"{Named(name)}: found nothing, expected a name";
        }
    }

    private static string Named(string setting) => SweepDashboardOptions.Named($"{SectionName}:{setting}");
}
