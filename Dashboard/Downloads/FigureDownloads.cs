using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Pages.Bottlenecks;
using Sweep.Dashboard.Pages.Cells;
using Sweep.Dashboard.Reading;

namespace Sweep.Dashboard.Downloads;

/// <summary>Figures as files; reports and rows are the API's.</summary>
internal static class FigureDownloads
{
    public static IEndpointRouteBuilder MapFigures(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/sweeps/{id}/figures/{file}", FigureAsync).ExcludeFromDescription().RequireAuthorization(AccessPolicies.Viewer);
        return endpoints;
    }

    private static async Task<IResult> FigureAsync(string id, string file, string? model, string? benchmark, string? bottleneck, string? scalar, int? part, SweepSnapshots snapshots, CellReader cells, ISweepStore store, CancellationToken cancellationToken)
    {
        var (kind, ending) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
        var request = new FigureRequest(kind, model, benchmark, bottleneck, scalar);
        var found = kind switch
        {
            FigureRequest.Distribution => await DistributionAsync(id, request, cells, cancellationToken),
            FigureRequest.Scores => await ScoresAsync(id, request, part ?? 0, store, cancellationToken),
            _ => (await snapshots.FindAsync(id, cancellationToken))?.Figures.Find(request),
        };
        if (found is not { } figure)
            return Results.NotFound();
        return ending switch
        {
            ".svg" => Results.Bytes(FigureFile.Svg(figure), "image/svg+xml; charset=utf-8"),
            ".csv" => Results.Bytes(FigureFile.Csv(figure), "text/csv; charset=utf-8", $"{FigureFile.NameOf(figure.Title)}.csv"),
            _ => Results.NotFound(),
        };
    }

    private static async Task<Figure?> ScoresAsync(string sweepId, FigureRequest request, int part, ISweepStore store, CancellationToken cancellationToken) =>
        await store.LoadResolutionAsync(sweepId, cancellationToken) is { } resolved && BottleneckFacts.Of(resolved, request.Model, request.Bottleneck) is { } facts
            && await ChannelRanks.FindAsync(store, sweepId, resolved, cancellationToken) is { } found
            ? ChannelRanks.Of(found, facts.Bottleneck).FirstOrDefault(one => one.Part == part)?.Draw(facts.Bottleneck.Name)
            : null;

    private static async Task<Figure?> DistributionAsync(string sweepId, FigureRequest request, CellReader cells, CancellationToken cancellationToken) =>
        Links.TryScalar(request.Scalar, out var scalar) && await cells.FindAsync(sweepId, new CellPlace(request.Model ?? "", request.Benchmark ?? "", request.Bottleneck ?? "", scalar), cancellationToken) is { } rows
            ? CellView.Of(rows).Distribution
            : null;
}
