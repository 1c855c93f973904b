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
    private const int JobsAtOnce = 50;

    public static void Map(RouteGroupBuilder api)
    {
        var results = api.MapGroup("/sweeps/{id}").WithTags("results").RequireAuthorization(AccessPolicies.Viewer);
        results.MapGet("/results", ResultsAsync)
            .WithName("getResults").WithSummary("The answer: one row a bottleneck, benchmark and model").Produces<SweepSummary>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        results.MapGet("/cells", CellsAsync).WithName("getCells").WithSummary("Every bottleneck and control at every scalar, page by page")
            .Produces<CellPage>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        results.MapGet("/items", ItemsAsync).WithName("getItems").WithSummary("Rows of the ledger, by job and item, page by page")
            .Produces<ItemPage>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> ResultsAsync(ISweepStore store, string id, CancellationToken cancellationToken)
    {
        if (await SweepFinder.FindAsync(store, id, cancellationToken) is not { } sweep)
            return SweepFinder.Missing(id);
        return await store.Queries().FindOutlineAsync(id, cancellationToken) is { } summary ? Results.Ok(summary) : Unfinished(sweep);
    }

    /// <param name="store">Holds them.</param>
    /// <param name="id">The sweep.</param>
    /// <param name="model">Only those of this model.</param>
    /// <param name="benchmark">Only those on this benchmark.</param>
    /// <param name="bottleneck">Only those of this bottleneck and its controls.</param>
    /// <param name="after">What the page before gave as "next".</param>
    /// <param name="limit">At most so many, 1 to 500.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    private static async Task<IResult> CellsAsync(
        ISweepStore store, string id, string? model, string? benchmark, string? bottleneck, int? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Problem(limit) is { } problem)
            return problem;
        if (await SweepFinder.FindAsync(store, id, cancellationToken) is not { } sweep)
            return SweepFinder.Missing(id);
        var page = await store.Queries().ListSummaryCellsAsync(
            id, new SummaryCellQuery { Model = model, Benchmark = benchmark, Bottleneck = bottleneck, After = after, Take = limit ?? Paging.Usual }, cancellationToken);
        return page.Cells.Count > 0 || await store.Queries().FindOutlineAsync(id, cancellationToken) is not null ? Results.Ok(new CellPage { Cells = page.Cells, Next = page.Next }) : Unfinished(sweep);
    }

    private static IResult Unfinished(SweepRecord sweep) =>
        ApiProblems.Of(StatusCodes.Status409Conflict, $"{sweep.Id}: found no summary (it is {sweep.State}), expected a sweep that is completed");

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
        var cursor = after is null ? null : ItemCursor.Read(after);
        return await SweepFinder.WithResolutionAsync(store, id, async (_, resolved) =>
        {
            if (job is null)
                return Results.Ok(await PageAsync(store, id, resolved, cursor, limit ?? Paging.Usual, cancellationToken));
            var wanted = (await store.Queries().ListJobsAsync(id, new JobId(job), JobsAtOnce, cancellationToken)).Where(one => one.Job.Value == job).ToArray();
            if (wanted.Length == 0)
                return ApiProblems.Of(StatusCodes.Status404NotFound, $"{id}: has no job of this id");
            var found = new List<ItemView>();
            return Results.Ok(await AddAsync(store, resolved, wanted, cursor, limit ?? Paging.Usual, found, cancellationToken) ?? new ItemPage { Items = found });
        }, cancellationToken);
    }

    /// <summary>Job by job, in the ledger's order, so that a page reads little more than it shows.</summary>
    private static async Task<ItemPage> PageAsync(ISweepStore store, string id, ResolvedPlan resolved, ItemCursor? after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<ItemView>(limit + 1);
        JobId? from = after is null ? null : new JobId(after.Job);
        while (true)
        {
            var some = await store.Queries().ListJobsAsync(id, from, JobsAtOnce, cancellationToken);
            var isLast = some.Count < JobsAtOnce;
            var jobs = some.GroupBy(one => one.Job).ToArray();
            // Of the last job there may be more benchmarks: it begins the next part.
            foreach (var one in isLast ? jobs : jobs[..^1])
            {
                if (await AddAsync(store, resolved, [.. one], after, limit, found, cancellationToken) is { } page)
                    return page;
            }

            if (isLast)
                return new ItemPage { Items = found };
            from = jobs[^1].Key;
        }
    }

    /// <summary>Adds a job's rows; the page, where it is full.</summary>
    /// <param name="job">The job with each benchmark whose items it runs on.</param>
    private static async Task<ItemPage?> AddAsync(
        ISweepStore store, ResolvedPlan resolved, IReadOnlyList<(JobId Job, int Benchmark)> job, ItemCursor? after, int limit, List<ItemView> found, CancellationToken cancellationToken)
    {
        var id = job[0].Job;
        var items = job.SelectMany(one => resolved.Benchmarks[one.Benchmark].Items).Select(item => item.Id)
            .Where(item => after is null || id.Value != after.Job || string.CompareOrdinal(item, after.Item) > 0).ToHashSet(StringComparer.Ordinal);
        await foreach (var row in store.ReadItemResultsAsync([id], items, cancellationToken))
        {
            found.Add(ItemView.Of(row));
            if (found.Count > limit)
                return new ItemPage { Items = found[..limit], Next = new ItemCursor(found[limit - 1].Job.Value, found[limit - 1].Item).ToString() };
        }

        return null;
    }
}
