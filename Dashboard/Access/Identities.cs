using System.Globalization;
using System.Security.Claims;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>Principals as this dashboard makes them: an actor ("user:NAME", "token:ID", "loopback"), a role, and for users the stamp and the end of their session.</summary>
internal static class Identities
{
    public const string UserPrefix = "user:";
    public const string TokenPrefix = "token:";
    public const string LoopbackActor = "loopback";

    private const string Actor = "sweep.actor";
    private const string Role = "sweep.role";
    private const string Stamp = "sweep.stamp";
    private const string Ends = "sweep.ends";
    private const string Origin = "sweep.origin";

    public static ClaimsPrincipal Loopback(string scheme) => Make(scheme, LoopbackActor, "this machine", AccessRole.Admin);

    public static ClaimsPrincipal Of(string scheme, UserRecord user, DateTimeOffset ends) => Make(
        scheme, UserPrefix + user.Name, user.DisplayName, user.Role, new Claim(Stamp, user.Stamp), new Claim(Ends, ends.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));

    public static ClaimsPrincipal Of(string scheme, TokenRecord token) => Make(scheme, TokenPrefix + token.Id, token.Name, token.Role);

    public static AccessRole? RoleOf(ClaimsPrincipal who) => Enum.TryParse<AccessRole>(who.FindFirst(Role)?.Value, out var role) ? role : null;

    public static string ActorOf(ClaimsPrincipal who) => who.FindFirst(Actor)?.Value ?? "nobody";

    public static string OriginOf(ClaimsPrincipal who) => who.FindFirst(Origin)?.Value ?? "unknown";

    public static string? StampOf(ClaimsPrincipal who) => who.FindFirst(Stamp)?.Value;

    /// <summary>Null: it has no end of its own.</summary>
    public static DateTimeOffset? EndOf(ClaimsPrincipal who) =>
        long.TryParse(who.FindFirst(Ends)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>The address goes with the principal, because a circuit outlives the request that began it.</summary>
    public static ClaimsPrincipal From(ClaimsPrincipal who, string origin)
    {
        var copy = who.Clone();
        var identity = copy.Identities.First();
        if (identity.FindFirst(Origin) is { } before)
            identity.RemoveClaim(before);
        identity.AddClaim(new Claim(Origin, origin));
        return copy;
    }

    private static ClaimsPrincipal Make(string scheme, string actor, string name, AccessRole role, params Claim[] more) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(Actor, actor), new Claim(Role, role.ToString()), .. more], scheme, ClaimTypes.Name, Role));
}
