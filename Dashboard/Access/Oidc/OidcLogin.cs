using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access.Oidc;

/// <summary>Login at an issuer: authorization code with PKCE; the role comes from a claim of the identity token, and what the token said is not kept.</summary>
internal static class OidcLogin
{
    public const string CallbackPath = "/login/callback";
    public const string NoRole = "role";

    private const string Failed = "failed";

    public static void Configure(OpenIdConnectOptions oidc, SweepDashboardOptions options)
    {
        oidc.SignInScheme = Schemes.Cookie;
        oidc.Authority = options.Oidc.Authority;
        oidc.ClientId = options.Oidc.ClientId;
        oidc.ClientSecret = options.Oidc.ClientSecret is { Length: > 0 } secret ? secret : null;
        oidc.RequireHttpsMetadata = !new Uri(options.Oidc.Authority!).IsLoopback;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        // By query: a form that another site posts would come without our cookies.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.SaveTokens = false;
        oidc.MapInboundClaims = false;
        oidc.DisableTelemetry = true;
        oidc.CallbackPath = CallbackPath;
        oidc.SignedOutCallbackPath = "/login/out";
        oidc.RemoteSignOutPath = "/login/ended";
        oidc.Scope.Clear();
        foreach (var scope in options.Oidc.Scopes.Prepend("openid").Distinct(StringComparer.Ordinal))
            oidc.Scope.Add(scope);
        foreach (var (cookie, name) in new[] { (oidc.CorrelationCookie, "sweep-login."), (oidc.NonceCookie, "sweep-nonce.") })
        {
            CookieSessions.Harden(cookie, options, name);
            cookie.SameSite = SameSiteMode.Lax;
        }

        // It would be left out, and a subject is one person at one issuer only.
        oidc.ClaimActions.Remove("iss");
        // Only here all is validated: an earlier event comes before the nonce is looked at.
        oidc.Events.OnTicketReceived = context => EnterAsync(context, options);
        oidc.Events.OnRemoteFailure = context =>
        {
            Refuse(context, Failed);
            return Task.CompletedTask;
        };
    }

    /// <summary>The user's row says who is known, and ends sessions: removing it, or another role at a later login, does.</summary>
    private static async Task EnterAsync(TicketReceivedContext context, SweepDashboardOptions options)
    {
        var services = context.HttpContext.RequestServices;
        var access = services.GetRequiredService<ISweepStore>().Access();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var token = context.Principal!;
        var subject = token.FindFirstValue("sub");
        var issuer = token.FindFirstValue("iss");
        if (string.IsNullOrEmpty(subject) || string.IsNullOrEmpty(issuer))
        {
            Refuse(context, Failed);
            return;
        }

        var name = UserRecord.IssuedPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{subject}")))[..32];
        var shown = token.FindFirstValue(options.Oidc.NameClaim) ?? token.FindFirstValue("preferred_username") ?? subject;
        var role = options.Oidc.RoleOf(token.FindAll(options.Oidc.RoleClaim).Select(claim => claim.Value));
        var entry = new JournalEntry
        {
            Actor = Identities.UserPrefix + name,
            Action = "login",
            Target = shown,
            Origin = ClientAddress.Of(context.HttpContext),
            Outcome = role is null ? JournalOutcome.Refused : JournalOutcome.Done,
            Detail = role is null ? $"no value of the claim {options.Oidc.RoleClaim} gives a role" : role.ToString(),
        };
        if (role is not { } known)
        {
            await access.WriteJournalAsync(entry, context.HttpContext.RequestAborted);
            Refuse(context, NoRole);
            return;
        }

        var before = await access.FindUserAsync(name, context.HttpContext.RequestAborted);
        var user = new UserRecord { Name = name, DisplayName = shown, Role = known, Stamp = before?.Role == known ? before.Stamp : Stamps.Create(), CreatedAt = before?.CreatedAt ?? now };
        if (!await access.TryChangeUserAsync(user, entry, context.HttpContext.RequestAborted))
            await access.TryAddUserAsync(user, entry, context.HttpContext.RequestAborted);
        context.Principal = Identities.Of(Schemes.Cookie, user, now.AddHours(options.SessionHours));
        context.Properties!.ExpiresUtc = null;
    }

    private static void Refuse(HandleRequestContext<RemoteAuthenticationOptions> context, string problem)
    {
        context.Response.Redirect($"{LoginEndpoints.LoginPath}?problem={problem}");
        context.HandleResponse();
    }
}
