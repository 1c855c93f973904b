using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard;

/// <summary>What probes ask. It says nothing that only users may know.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("alive")).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/health/ready", ReadyAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(ISweepStore store, CancellationToken cancellationToken) =>
        store is IStoreReadiness readiness && await readiness.FindProblemAsync(cancellationToken) is not null
            ? Results.Text("the store cannot be used", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ready");
}
