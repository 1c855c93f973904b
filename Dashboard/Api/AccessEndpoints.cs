using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Api;

/// <summary>Who asks, and who changed what.</summary>
internal static class AccessEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var access = api.MapGroup("").WithTags("access");
        access.MapGet("/session", Session).RequireAuthorization(AccessPolicies.Viewer).WithName("getSession").WithSummary("Who asks, and what changes must carry where a cookie says who").Produces<SessionView>();
        access.MapGet("/journal", JournalAsync).RequireAuthorization(AccessPolicies.Admin).WithName("getJournal").WithSummary("Who changed what, newest first")
            .Produces<JournalPage>().ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static IResult Session(HttpContext context, IAntiforgery antiforgery)
    {
        var tokens = context.User.Identity?.AuthenticationType == Schemes.Cookie ? antiforgery.GetAndStoreTokens(context) : null;
        return Results.Ok(new SessionView
        {
            Name = context.User.Identity?.Name ?? "",
            Role = Identities.RoleOf(context.User)!.Value,
            AntiforgeryHeader = tokens?.HeaderName,
            AntiforgeryToken = tokens?.RequestToken,
        });
    }

    private static async Task<IResult> JournalAsync(ISweepStore store, long? before, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Problem(limit) is { } problem)
            return problem;
        var most = limit ?? Paging.Usual;
        var entries = await store.Access().ReadJournalAsync(before ?? long.MaxValue, most, cancellationToken);
        return Results.Ok(new JournalPage { Entries = entries, Next = entries.Count == most ? entries[^1].Id : null });
    }
}
