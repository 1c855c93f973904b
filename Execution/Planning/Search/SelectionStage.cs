using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Planning.Search;

/// <summary>
/// A stage that scalars are chosen in: selection items alone, the first of the seeded order, by the log-likelihood of the golds alone. A benchmark without golds is scored as it can be, or
/// left out; plain text chooses nothing and is left out.
/// </summary>
internal static class SelectionStage
{
    /// <param name="grid">The plan's full grid.</param>
    /// <param name="items">How many of so many selection items of a benchmark are run.</param>
    /// <exception cref="InvalidPlanException">A benchmark has no item that scalars could be chosen on, or none that the choice could be reported on.</exception>
    public static ResolvedPlan Of(ResolvedPlan grid, Func<int, int> items)
    {
        var measured = grid.Benchmarks.Where(benchmark => !IsText(benchmark)).ToArray();
        var problems = grid.Benchmarks.SelectMany(Problems).ToList();
        if (measured.Length == 0)
            problems.Add("search: found plain text alone, expected a benchmark beside it that scalars can be chosen on");
        return problems.Count > 0 ? throw new InvalidPlanException(problems) : grid with { Benchmarks = [.. measured.Select(benchmark => Selected(benchmark, items))] };
    }

    /// <summary>The same without generating anything: benchmarks without golds are left out where another has some, <see cref="PooledChoice"/> chooses for them.</summary>
    /// <param name="grid">The plan's full grid.</param>
    /// <param name="items">Selection items of a benchmark, at most.</param>
    /// <exception cref="InvalidPlanException">A benchmark has no item that scalars could be chosen on, or none that the choice could be reported on.</exception>
    public static ResolvedPlan Screening(ResolvedPlan grid, int items)
    {
        var stage = Of(grid, _ => items);
        var withGolds = stage.Benchmarks.Where(benchmark => benchmark.Measures.Contains(Measure.LogLikelihood)).ToArray();
        return withGolds.Length == 0 ? stage : stage with { Benchmarks = withGolds };
    }

    /// <summary>It is no part of the stage.</summary>
    public static bool IsText(ResolvedBenchmark benchmark) => benchmark.Measures.Contains(Measure.Perplexity);

    private static ResolvedBenchmark Selected(ResolvedBenchmark benchmark, Func<int, int> items)
    {
        var byLikelihood = benchmark.Measures.Contains(Measure.LogLikelihood);
        ResolvedItem[] selection = [.. benchmark.Items.Where(item => item.Split == ItemSplit.Selection)];
        return benchmark with
        {
            Items = [.. selection.Take(items(selection.Length))],
            Measures = byLikelihood ? [Measure.LogLikelihood] : benchmark.Measures,
            MaxNewTokens = byLikelihood ? null : benchmark.MaxNewTokens,
        };
    }

    private static IEnumerable<string> Problems(ResolvedBenchmark benchmark)
    {
        foreach (var split in (ItemSplit[])[ItemSplit.Selection, ItemSplit.Test])
        {
            if ((split == ItemSplit.Test || !IsText(benchmark)) && benchmark.Items.All(item => item.Split != split))
                yield return $"search: found no item of {benchmark.Name} in the {split.ToString().ToLowerInvariant()} split, expected some: {benchmark.Items.Count} items are too few for it";
        }
    }
}
