using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Grains;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Api;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>Every view as a file: its page's address says which rows, the ending in which format.</summary>
internal static class ViewEndpoints
{
    private const string Formats = "csv, json or parquet";

    public static void Map(RouteGroupBuilder api)
    {
        var views = api.MapGroup("").WithTags("files").RequireAuthorization(AccessPolicies.Viewer);
        Describe(views.MapGet("/views/{file}", (string file, HttpContext context, IEnumerable<IViewData> data, CancellationToken cancellationToken) => FileAsync("", file, context, data, cancellationToken)))
            .WithName("getView").WithSummary("A view's rows: sweeps, compare, workers, queue, set-aside, refused or (admin) journal, as .csv, .json or .parquet; the query is that of the page");
        Describe(views.MapGet("/sweeps/{id}/views/{file}", (string id, string file, HttpContext context, IEnumerable<IViewData> data, CancellationToken cancellationToken) => FileAsync(id, file, context, data, cancellationToken)))
            .WithName("getSweepView").WithSummary("A sweep's view's rows: cells, leaderboard, cell, items or scores, as .csv, .json or .parquet; the query is that of the page");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint) => endpoint.Produces<byte[]>(contentType: "application/octet-stream")
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> FileAsync(string sweepId, string file, HttpContext context, IEnumerable<IViewData> data, CancellationToken cancellationToken)
    {
        var (name, ending) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
        if (data.FirstOrDefault(one => one.Name == name && one.IsOfSweep == (sweepId.Length > 0)) is not { } view)
            return ApiProblems.Of(StatusCodes.Status404NotFound, "there is no view of this name");
        if (Identities.RoleOf(context.User) is var role && (role is null || role < view.Needed))
            return ApiProblems.Of(StatusCodes.Status403Forbidden, $"role {role} does not allow this");
        (ExportFormat Format, string Type)? wanted = ending switch
        {
            ".csv" => (ExportFormat.Csv, "text/csv; charset=utf-8"),
            ".json" => (ExportFormat.Json, "application/json"),
            ".parquet" => (ExportFormat.Parquet, "application/vnd.apache.parquet"),
            _ => null,
        };
        if (wanted is not var (format, type))
            return ApiProblems.Of(StatusCodes.Status400BadRequest, $"file: found another ending, expected {Formats}");
        if (sweepId.Length > 0 && !SweepFinder.IsId(sweepId))
            return SweepFinder.Missing(sweepId);
        try
        {
            if (await view.ReadAsync(new ViewRequest(sweepId, context.Request.Query), cancellationToken) is not { } table)
                return ApiProblems.Of(StatusCodes.Status404NotFound, "there is nothing at this address (yet)");
            var bytes = new MemoryStream();
            await ExportTableWriter.WriteAsync(table, format, bytes, cancellationToken);
            bytes.Position = 0;
            return Results.File(bytes, type, sweepId.Length > 0 ? $"{sweepId}-{file}" : file);
        }
        catch (Exception exception) when (exception is TimeoutException or Orleans.Runtime.OrleansException or GrainCallFailedException)
        {
            return ApiProblems.Of(StatusCodes.Status503ServiceUnavailable, "the cluster did not answer; try again");
        }
    }
}
