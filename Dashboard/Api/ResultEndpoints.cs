using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Api;

/// <summary>What a sweep found: the answer, its cells and the rows of the ledger.</summary>
internal static class ResultEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var results = api.MapGroup("/sweeps/{id}").WithTags("results").RequireAuthorization(AccessPolicies.Viewer);
        results.MapGet("/results", (ISweepStore store, string id, CancellationToken cancellationToken) => SummaryAsync(store, id, store.Queries().FindOutlineAsync, summary => summary, cancellationToken))
            .WithName("getResults").WithSummary("The answer: one row a bottleneck, benchmark and model").Produces<SweepSummary>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        results.MapGet("/cells", (ISweepStore store, string id, CancellationToken cancellationToken) => SummaryAsync(store, id, store.LoadSummaryAsync, summary => summary.Cells, cancellationToken))
            .WithName("getCells").WithSummary("Every bottleneck and control at every scalar").Produces<SummaryCell[]>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        results.MapGet("/items", ItemsAsync).WithName("getItems").WithSummary("Rows of the ledger, by job and item, page by page")
            .Produces<ItemPage>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> SummaryAsync(
        ISweepStore store, string id, Func<string, CancellationToken, Task<SweepSummary?>> read, Func<SweepSummary, object> part, CancellationToken cancellationToken)
    {
        if (await SweepFinder.FindAsync(store, id, cancellationToken) is not { } sweep)
            return SweepFinder.Missing(id);
        return await read(id, cancellationToken) is { } summary
            ? Results.Ok(part(summary))
            : ApiProblems.Of(StatusCodes.Status409Conflict, $"{id}: found no summary (it is {sweep.State}), expected a sweep that is completed");
    }

    /// <param name="store">Holds them.</param>
    /// <param name="id">The sweep.</param>
    /// <param name="job">Only those of this job of it.</param>
    /// <param name="after">What the page before gave as "next".</param>
    /// <param name="limit">At most so many, 1 to 500.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    private static async Task<IResult> ItemsAsync(ISweepStore store, string id, string? job, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Problem(limit) is { } problem)
            return problem;
        if (after is not null && ItemCursor.Read(after) is null)
            return ApiProblems.Of(StatusCodes.Status400BadRequest, "after: found something else, expected what a page gave as \"next\"");
        return await SweepFinder.WithResolutionAsync(store, id, async (sweep, resolved) =>
        {
            var jobs = PlanExpander.Jobs(sweep.Plan, resolved).GroupBy(pair => pair.Job.Id).OrderBy(pair => pair.Key).ToArray();
            if (job is not null && (jobs = [.. jobs.Where(pair => pair.Key.Value == job)]).Length == 0)
                return ApiProblems.Of(StatusCodes.Status404NotFound, $"{id}: has no job of this id");
            return Results.Ok(await PageAsync(store, resolved, jobs, after is null ? null : ItemCursor.Read(after), limit ?? Paging.Usual, cancellationToken));
        }, cancellationToken);
    }

    /// <summary>Job by job, so that a page reads little more than it shows.</summary>
    private static async Task<ItemPage> PageAsync(
        ISweepStore store, ResolvedPlan resolved, IEnumerable<IGrouping<JobId, (JobSpec Job, int Benchmark)>> jobs, ItemCursor? after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<ItemView>(limit + 1);
        foreach (var job in jobs.Where(job => after is null || string.CompareOrdinal(job.Key.Value, after.Job) >= 0))
        {
            var items = job.SelectMany(pair => resolved.Benchmarks[pair.Benchmark].Items).Select(item => item.Id)
                .Where(item => after is null || job.Key.Value != after.Job || string.CompareOrdinal(item, after.Item) > 0).ToHashSet(StringComparer.Ordinal);
            await foreach (var row in store.ReadItemResultsAsync([job.Key], items, cancellationToken))
            {
                found.Add(ItemView.Of(row));
                if (found.Count > limit)
                    return new ItemPage { Items = found[..limit], Next = new ItemCursor(found[limit - 1].Job.Value, found[limit - 1].Item).ToString() };
            }
        }

        return new ItemPage { Items = found };
    }
}
