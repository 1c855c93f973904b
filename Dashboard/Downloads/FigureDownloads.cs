using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Live;

namespace Sweep.Dashboard.Downloads;

/// <summary>Figures as files; reports and rows are the API's.</summary>
internal static class FigureDownloads
{
    public static IEndpointRouteBuilder MapFigures(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/sweeps/{id}/figures/{file}", FigureAsync).ExcludeFromDescription().RequireAuthorization(AccessPolicies.Viewer);
        return endpoints;
    }

    private static async Task<IResult> FigureAsync(string id, string file, string? model, string? benchmark, string? bottleneck, string? scalar, SweepSnapshots snapshots, CancellationToken cancellationToken)
    {
        var (kind, ending) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
        if (await snapshots.FindAsync(id, cancellationToken) is not { } snapshot || snapshot.Figures.Find(new FigureRequest(kind, model, benchmark, bottleneck, scalar)) is not { } figure)
            return Results.NotFound();
        return ending switch
        {
            ".svg" => Results.Bytes(FigureFile.Svg(figure), "image/svg+xml; charset=utf-8"),
            ".csv" => Results.Bytes(FigureFile.Csv(figure), "text/csv; charset=utf-8", $"{FigureFile.NameOf(figure.Title)}.csv"),
            _ => Results.NotFound(),
        };
    }
}
