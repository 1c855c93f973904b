using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>The login page and what its form and the logout button send.</summary>
internal static class LoginEndpoints
{
    public const string LoginPath = "/login";
    public const string OidcPath = "/login/issuer";
    public const string LogoutPath = "/logout";

    private const string Wrong = "This user name and password do not go together.";

    /// <summary>What costs a hash, or a way to the issuer and back.</summary>
    public static bool IsAttempt(HttpRequest request) =>
        (HttpMethods.IsPost(request.Method) && request.Path == LoginPath) || request.Path == OidcPath || request.Path.StartsWithSegments(Oidc.OidcLogin.CallbackPath);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(LoginPath, Show).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(LoginPath, LoginAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(OidcPath, Challenge).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(LogoutPath, (HttpContext context) => new RazorComponentResult<LoginPage>(new Dictionary<string, object?> { [nameof(LoginPage.Leaving)] = context.User.Identity?.Name }))
            .RequireAuthorization(AccessPolicies.Viewer).ExcludeFromDescription();
        routes.MapPost(LogoutPath, LogoutAsync).RequireAuthorization(AccessPolicies.Viewer).ExcludeFromDescription();
    }

    private static IResult Show(SweepDashboardOptions options, string? returnUrl = null, string? problem = null) => options.NeedsLogin
        ? Page(options, Local(returnUrl), problem == Oidc.OidcLogin.NoRole ? "Your account has no role in Sweep. Ask whoever manages your organisation's accounts." : problem is null ? null : "The login did not work. Try again.")
        : Results.LocalRedirect("~/");

    private static IResult Challenge(SweepDashboardOptions options, string? returnUrl = null) => options.Login == SweepDashboardOptions.OidcLogin
        ? Results.Challenge(new AuthenticationProperties { RedirectUri = Local(returnUrl) }, [Schemes.Oidc])
        : Results.NotFound();

    private static async Task<IResult> LoginAsync(
        HttpContext context, SweepDashboardOptions options, IAntiforgery antiforgery, ISweepStore store, RateLimits limits, FailedLogins failures, TimeProvider time)
    {
        if (options.Login != SweepDashboardOptions.LocalLogin)
            return Results.NotFound();
        if (await ReadFormAsync(context, antiforgery) is not { } form)
            return Page(options, "/", "The form was too old. Try again.", StatusCodes.Status400BadRequest);
        var (name, password, returnUrl) = (form["name"].ToString().Trim().ToLowerInvariant(), form["password"].ToString(), Local(form["returnUrl"]));
        var origin = ClientAddress.Of(context);
        if (UserRecord.NameProblem(name) is not null)
        {
            Passwords.Proves(null, password);
            return Page(options, returnUrl, Wrong, StatusCodes.Status401Unauthorized);
        }

        var network = ClientAddress.NetworkOf(context);
        if ((failures.PauseOf(name, network) ?? limits.TakeUser(name)) is { } pause)
        {
            await RateLimits.RefuseAsync(context, pause);
            return Results.Empty;
        }

        var user = await store.Access().FindUserAsync(name, context.RequestAborted);
        var proven = Passwords.Proves(user?.PasswordHash, password);
        var entry = new JournalEntry
        {
            Actor = Identities.UserPrefix + name,
            Action = "login",
            Target = name,
            Origin = origin,
            Outcome = proven ? JournalOutcome.Done : JournalOutcome.Refused,
        };
        await store.Access().WriteJournalAsync(entry, context.RequestAborted);
        if (!proven)
        {
            failures.Fail(name, network);
            return Page(options, returnUrl, Wrong, StatusCodes.Status401Unauthorized);
        }

        failures.Succeed(name, network);
        await context.SignInAsync(Schemes.Cookie, Identities.Of(Schemes.Cookie, user!, time.GetUtcNow().AddHours(options.SessionHours)));
        return Results.LocalRedirect($"~{returnUrl}");
    }

    /// <summary>Every session of the user ends, also those whose cookie somebody copied.</summary>
    private static async Task<IResult> LogoutAsync(HttpContext context, IAntiforgery antiforgery, ISweepStore store)
    {
        if (await ReadFormAsync(context, antiforgery) is null)
            return Results.BadRequest();
        var actor = Identities.ActorOf(context.User);
        if (actor.StartsWith(Identities.UserPrefix, StringComparison.Ordinal)
            && await store.Access().FindUserAsync(actor[Identities.UserPrefix.Length..], context.RequestAborted) is { } user)
        {
            var entry = new JournalEntry { Actor = actor, Action = "logout", Target = user.Name, Origin = ClientAddress.Of(context), Outcome = JournalOutcome.Done };
            await store.Access().TryChangeUserAsync(user with { Stamp = Stamps.Create() }, entry, context.RequestAborted);
        }

        await context.SignOutAsync(Schemes.Cookie);
        return Results.LocalRedirect($"~{LoginPath}");
    }

    /// <summary>Null: it is none of our forms.</summary>
    private static async Task<IFormCollection?> ReadFormAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!context.Request.HasFormContentType)
            return null;
        try
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            return await antiforgery.IsRequestValidAsync(context) ? form : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static RazorComponentResult<LoginPage> Page(SweepDashboardOptions options, string returnUrl, string? problem, int status = StatusCodes.Status200OK)
    {
        var parameters = new Dictionary<string, object?>
        {
            [nameof(LoginPage.ReturnUrl)] = returnUrl,
            [nameof(LoginPage.Problem)] = problem,
            [nameof(LoginPage.IsIssuers)] = options.Login == SweepDashboardOptions.OidcLogin,
        };
        return new RazorComponentResult<LoginPage>(parameters) { StatusCode = status };
    }

    /// <summary>A path of this dashboard; anything else is its first page.</summary>
    private static string Local(string? url) =>
        url is { Length: > 0 and < 2000 } && url[0] == '/' && !(url.Length > 1 && url[1] is '/' or '\\') && !url.Any(char.IsControl) ? url : "/";
}
