using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Access;

/// <summary>An open page looks again and again whether its user still is one; what it changes is checked at that moment besides (<see cref="Actions.GuardedActions"/>).</summary>
internal sealed class CircuitIdentity(ILoggerFactory logger, IdentityCheck check) : RevalidatingServerAuthenticationStateProvider(logger)
{
    /// <summary>50 open pages ask the store ten times a second for one row.</summary>
    protected override TimeSpan RevalidationInterval { get; } = TimeSpan.FromSeconds(5);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            return await check.RoleAsync(authenticationState.User, cancellationToken) == Identities.RoleOf(authenticationState.User);
        }
        catch (StoreUnavailableException)
        {
            // Nobody is sent away because the store is; without it there is nothing to be seen either.
            return true;
        }
    }
}
