using System.Globalization;
using Sweep.Contracts.Plans;

namespace Sweep.Persistence.Reports;

/// <summary>What a search tried and what it saved, in one line.</summary>
public static class SearchNote
{
    /// <param name="search">Of all its stages.</param>
    /// <param name="atMost">Nothing is chosen yet.</param>
    public static string Of(SearchRecord search, bool atMost = false) => string.Create(
        CultureInfo.InvariantCulture,
        $"{search.Method}: {search.Configurations:N0} configurations tried on up to {search.Items:N0} selection items a benchmark{(search.Rounds is { } rounds ? $" in {rounds.Count} rounds" : "")}; {(atMost ? "at most " : "")}{search.ItemRuns:N0} item runs instead of {search.GridItemRuns:N0} ({Saved(search.ItemRuns, search.GridItemRuns)}), {search.BlockPasses:N0} block-passes instead of {search.GridBlockPasses:N0} ({Saved(search.BlockPasses, search.GridBlockPasses)})");

    /// <summary>What a round ran, or will.</summary>
    public static string Of(SearchRound round) => string.Create(
        CultureInfo.InvariantCulture, $"{round.Configurations:N0} configurations on up to {round.Items:N0} selection items a benchmark, {round.ItemRuns:N0} further item runs");

    private static string Saved(long runs, long grid) => string.Create(CultureInfo.InvariantCulture, $"{grid - runs:N0} saved, {(double)grid / Math.Max(1, runs):0.0} x fewer");
}
