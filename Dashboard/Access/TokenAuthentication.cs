using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Api;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>"Authorization: Bearer swp_…": asked of the store at every request, so that a revoked token stops at once.</summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ISweepStore store, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || ApiToken.Read(header[Bearer.Length..].Trim()) is not { } token)
            return AuthenticateResult.Fail("expected a token of Sweep");
        var found = await store.Access().FindTokenAsync(token.Id, Context.RequestAborted);
        return found is not null && token.Proves(found.SecretHash) && found.IsValidAt(time.GetUtcNow())
            ? AuthenticateResult.Success(new AuthenticationTicket(Identities.From(Identities.Of(Scheme.Name, found), ClientAddress.Of(Context)), Scheme.Name))
            : AuthenticateResult.Fail("unknown, expired or revoked");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return ApiProblems.WriteAsync(Context, StatusCodes.Status401Unauthorized, "the token is unknown, has expired or was revoked; expected 'Authorization: Bearer' with one of 'sweep token create'");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => ApiProblems.ForbidAsync(Context);
}
