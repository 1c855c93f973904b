using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sweep.Dashboard.Access;

/// <summary>Without a login whoever reaches this machine's own addresses is its admin; startup has made sure that nothing else is listened on.</summary>
internal sealed class LoopbackAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, SweepDashboardOptions dashboard)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(dashboard.NeedsLogin
        ? AuthenticateResult.NoResult()
        : AuthenticateResult.Success(new AuthenticationTicket(Identities.From(Identities.Loopback(Scheme.Name), ClientAddress.Of(Context)), Scheme.Name)));
}
