using Microsoft.AspNetCore.Http;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Api;

/// <summary>Sweeps that requests name.</summary>
internal static class SweepFinder
{
    private const int LongestId = 100;

    /// <summary>Null: there is none of this id, and nothing else could be one.</summary>
    public static async Task<SweepRecord?> FindAsync(ISweepStore store, string id, CancellationToken cancellationToken) =>
        IsId(id) ? await store.FindSweepAsync(id, cancellationToken) : null;

    public static bool IsId(string id) => id.Length is > 0 and <= LongestId && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    public static IResult Missing(string id) => ApiProblems.Of(StatusCodes.Status404NotFound, $"sweep '{(IsId(id) ? id : "")}': found none of this id");

    /// <summary>The sweep with its resolved plan, then the answer; a problem where one of both is not there.</summary>
    public static async Task<IResult> WithResolutionAsync(ISweepStore store, string id, Func<SweepRecord, ResolvedPlan, Task<IResult>> answer, CancellationToken cancellationToken)
    {
        if (await FindAsync(store, id, cancellationToken) is not { } sweep)
            return Missing(id);
        return await store.LoadResolutionAsync(id, cancellationToken) is { } resolved
            ? await answer(sweep, resolved)
            : ApiProblems.Of(StatusCodes.Status409Conflict, $"{id}: found no results (it is {sweep.State}), expected a sweep that has begun to run");
    }
}
