using System.Security.Claims;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>What the store says of a principal now: users may have been removed, tokens revoked and roles changed since it was made.</summary>
internal sealed class IdentityCheck(ISweepStore store, SweepDashboardOptions options, TimeProvider time)
{
    /// <summary>Null: it may do nothing any more.</summary>
    public async Task<AccessRole?> RoleAsync(ClaimsPrincipal who, CancellationToken cancellationToken)
    {
        if (who.Identity?.IsAuthenticated != true)
            return null;
        var actor = Identities.ActorOf(who);
        var now = time.GetUtcNow();
        if (actor == Identities.LoopbackActor)
            return options.NeedsLogin ? null : AccessRole.Admin;
        if (actor.StartsWith(Identities.UserPrefix, StringComparison.Ordinal))
        {
            var user = await store.Access().FindUserAsync(actor[Identities.UserPrefix.Length..], cancellationToken);
            return user is not null && user.Stamp == Identities.StampOf(who) && now < Identities.EndOf(who) ? user.Role : null;
        }

        if (!actor.StartsWith(Identities.TokenPrefix, StringComparison.Ordinal))
            return null;
        var token = await store.Access().FindTokenAsync(actor[Identities.TokenPrefix.Length..], cancellationToken);
        return token?.IsValidAt(now) == true ? token.Role : null;
    }
}
