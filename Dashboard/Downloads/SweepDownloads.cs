using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Downloads;

/// <summary>Files behind the pages: figures, the report, the rows.</summary>
internal static class SweepDownloads
{
    public static IEndpointRouteBuilder MapSweepDownloads(this IEndpointRouteBuilder endpoints)
    {
        var sweeps = endpoints.MapGroup("/sweeps/{id}").RequireAuthorization(AccessPolicies.Viewer).ExcludeFromDescription();
        sweeps.MapGet("/figures/{file}", FigureAsync);
        sweeps.MapGet("/report.html", ReportAsync);
        sweeps.MapGet("/export.{format}", ExportAsync);
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

    private static async Task<IResult> ReportAsync(string id, HttpContext context, ISweepStore store, SweepSnapshots snapshots, CancellationToken cancellationToken)
    {
        if (await snapshots.FindAsync(id, cancellationToken) is not { Resolved: { } resolved, Summary: { } summary } snapshot)
            return Results.NotFound();
        var report = await ReportReader.ReadAsync(store, snapshot.Sweep, resolved, summary, cancellationToken);
        context.Response.Headers.ContentSecurityPolicy = SecurityHeaders.DocumentPolicy;
        return Results.Bytes(ReportWriter.Write(report, ReportFormat.Html), "text/html; charset=utf-8");
    }

    private static async Task<IResult> ExportAsync(string id, string format, ISweepStore store, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<ExportFormat>(format, ignoreCase: true, out var known) || !Enum.IsDefined(known) || await store.LoadResolutionAsync(id, cancellationToken) is null)
            return Results.NotFound();
        var type = known switch { ExportFormat.Csv => "text/csv; charset=utf-8", ExportFormat.Json => "application/json", _ => "application/vnd.apache.parquet" };
        return Results.Stream(target => WriteAsync(store, id, known, target, cancellationToken), type, $"{id}.{format.ToLowerInvariant()}");
    }

    /// <summary>Exporters write in small pieces, some of them synchronously: a file between them and the answer takes both, and memory stays small.</summary>
    private static async Task WriteAsync(ISweepStore store, string id, ExportFormat format, Stream target, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await SweepExporter.ExportAsync(store, id, format, withRun: false, file, cancellationToken);
        file.Position = 0;
        await file.CopyToAsync(target, cancellationToken);
    }
}
