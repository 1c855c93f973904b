using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Dashboard.Api;

namespace Sweep.Dashboard.Access;

/// <summary>Sessions of people: a protected cookie that scripts cannot read, checked against the store at every request.</summary>
internal static class CookieSessions
{
    public static void Configure(CookieAuthenticationOptions cookies, SweepDashboardOptions options)
    {
        Harden(cookies.Cookie, options, "sweep");
        // Lax: a link in a message must find its reader logged in. What changes something is guarded by antiforgery and origin besides.
        cookies.Cookie.SameSite = SameSiteMode.Lax;
        cookies.ExpireTimeSpan = TimeSpan.FromHours(options.SessionHours);
        cookies.SlidingExpiration = false;
        cookies.LoginPath = LoginEndpoints.LoginPath;
        cookies.Events.OnValidatePrincipal = ValidateAsync;
        cookies.Events.OnRedirectToLogin = ChallengeAsync;
        cookies.Events.OnRedirectToAccessDenied = context => IsProgram(context.Request) ? ApiProblems.ForbidAsync(context.HttpContext) : PlainPages.ForbidAsync(context.HttpContext);
    }

    /// <summary>No script reads it, no other host sets it.</summary>
    public static void Harden(CookieBuilder cookie, SweepDashboardOptions options, string name)
    {
        cookie.Name = options.IsSecure ? $"__Host-{name}" : name;
        cookie.HttpOnly = true;
        cookie.IsEssential = true;
        cookie.Path = "/";
        cookie.SecurePolicy = options.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        cookie.SameSite = SameSiteMode.Strict;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<IdentityCheck>();
        if (context.Principal is { } who && await check.RoleAsync(who, context.HttpContext.RequestAborted) is not null)
        {
            context.ReplacePrincipal(Identities.From(who, ClientAddress.Of(context.HttpContext)));
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(Schemes.Cookie);
    }

    private static Task ChallengeAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (IsProgram(context.Request))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return ApiProblems.WriteAsync(context.HttpContext, StatusCodes.Status401Unauthorized, "nobody is logged in; expected a session's cookie, or 'Authorization: Bearer' with one of 'sweep token create'");
        }

        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>A page that asks for a login would be no answer to it.</summary>
    private static bool IsProgram(HttpRequest request) => request.Path.StartsWithSegments("/api") || request.Path.StartsWithSegments("/_blazor");
}
