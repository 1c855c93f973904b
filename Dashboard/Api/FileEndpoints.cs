using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Downloads;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Api;

/// <summary>What is read out of a store as a whole: exports, reports, audits.</summary>
internal static class FileEndpoints
{
    /// <summary>Each may read millions of rows: more at once would only make all of them late.</summary>
    private const int AtOnce = 4;

    public static void Map(RouteGroupBuilder api)
    {
        var turns = new SemaphoreSlim(AtOnce);
        var files = api.MapGroup("/sweeps/{id}").WithTags("files").RequireAuthorization(AccessPolicies.Viewer).AddEndpointFilter((context, next) => InTurnAsync(turns, context, next));
        files.MapGet("/export", ExportAsync).WithName("exportSweep").WithSummary("The rows that `sweep export` writes: csv, json or parquet")
            .Produces<byte[]>(contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        files.MapGet("/report", ReportAsync).WithName("reportSweep").WithSummary("The report that `sweep report` writes: html, md or tex")
            .Produces<string>(contentType: "text/html").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        files.MapGet("/audit", AuditAsync).WithName("auditSweep").WithSummary("The ledger held against plan and attempts, without running anything again")
            .Produces<SweepAudit>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async ValueTask<object?> InTurnAsync(SemaphoreSlim turns, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (!await turns.WaitAsync(TimeSpan.FromSeconds(10), context.HttpContext.RequestAborted))
            return ApiProblems.Of(StatusCodes.Status503ServiceUnavailable, $"{AtOnce} exports, reports and audits run already; try again");
        try
        {
            return await next(context);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <param name="store">Holds the sweep.</param>
    /// <param name="id">The sweep.</param>
    /// <param name="format">csv (the default), json or parquet.</param>
    /// <param name="run">With times and cost of the run; json only.</param>
    /// <param name="cancellationToken">Ends the export.</param>
    private static async Task<IResult> ExportAsync(ISweepStore store, string id, string? format, bool? run, CancellationToken cancellationToken)
    {
        if (ExportFile.Find(format ?? "csv") is not var (kind, type))
            return ApiProblems.Of(StatusCodes.Status400BadRequest, $"format: found another word, expected {ExportFile.Words}");
        return await SweepFinder.WithResolutionAsync(store, id, async (_, _) =>
        {
            // By way of a file: an export that fails is an error and not half an answer, and its memory does not depend on its size.
            var path = Path.Combine(Path.GetTempPath(), $"sweep-export-{Guid.NewGuid():N}");
            var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            try
            {
                await SweepExporter.ExportAsync(store, id, kind, run == true, file, cancellationToken);
                file.Position = 0;
                return Results.File(file, type, $"{id}.{format ?? "csv"}");
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        }, cancellationToken);
    }

    private static async Task<IResult> ReportAsync(ISweepStore store, HttpContext context, string id, string? format, CancellationToken cancellationToken)
    {
        (ReportFormat Format, string Type)? wanted = (format ?? "html") switch
        {
            "html" => (ReportFormat.Html, "text/html; charset=utf-8"),
            "md" => (ReportFormat.Markdown, "text/markdown; charset=utf-8"),
            "tex" => (ReportFormat.Latex, "application/x-tex; charset=utf-8"),
            _ => null,
        };
        if (wanted is not var (kind, type))
            return ApiProblems.Of(StatusCodes.Status400BadRequest, "format: found another word, expected html, md or tex");
        return await SweepFinder.WithResolutionAsync(store, id, async (sweep, resolved) =>
        {
            if (await store.LoadSummaryAsync(id, cancellationToken) is not { } summary)
                return ApiProblems.Of(StatusCodes.Status409Conflict, $"{id}: found no summary (it is {sweep.State}), expected a sweep that is completed");
            context.Response.Headers.ContentSecurityPolicy = SecurityHeaders.DocumentPolicy;
            return Results.Bytes(ReportWriter.Write(await ReportReader.ReadAsync(store, sweep, resolved, summary, cancellationToken), kind), type);
        }, cancellationToken);
    }

    private static Task<IResult> AuditAsync(ISweepStore store, string id, CancellationToken cancellationToken) => SweepFinder.WithResolutionAsync(
        store, id, async (_, _) => Results.Ok((await SweepAuditor.AuditAsync(store, id, sample: 0, seed: 1, cancellationToken)).Audit), cancellationToken);
}
