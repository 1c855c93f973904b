using Microsoft.AspNetCore.Http;

namespace Sweep.Dashboard.Api;

/// <summary>How long pages of lists are.</summary>
internal static class Paging
{
    public const int Usual = 100;
    public const int Most = 500;

    /// <summary>Null: nothing is wrong with it.</summary>
    public static IResult? Problem(int? limit) =>
        limit is < 1 or > Most ? ApiProblems.Of(StatusCodes.Status400BadRequest, $"limit: found {limit}, expected 1 to {Most}") : null;
}
