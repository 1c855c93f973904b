using Microsoft.AspNetCore.Http;

namespace Sweep.Dashboard.Access;

/// <summary>Names of the ways to say who one is.</summary>
internal static class Schemes
{
    /// <summary>Chooses one of the others by the request.</summary>
    public const string Any = "sweep";

    public const string Cookie = "cookie";
    public const string Token = "token";
    public const string Loopback = "loopback";
    public const string Oidc = "oidc";

    /// <summary>A request with a token means the token, whatever cookies come with it.</summary>
    public static string Of(HttpContext context, SweepDashboardOptions options) =>
        context.Request.Headers.ContainsKey("Authorization") ? Token : options.NeedsLogin ? Cookie : Loopback;
}
