using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Evaluation;
using Sweep.Execution.Files;

namespace Sweep.Execution.Benchmarks;

/// <summary>Texts of items from the benchmark files that this process can read.</summary>
internal sealed class ItemTextReader(BenchmarkCache benchmarks, PlanFiles files) : IItemTexts
{
    public Task<ItemTextsFound> FindAsync(ResolvedBenchmark benchmark, long seed, IReadOnlyList<string> itemIds, CancellationToken cancellationToken) =>
        Task.Run(() => Find(benchmark, seed, itemIds), cancellationToken);

    private ItemTextsFound Find(ResolvedBenchmark benchmark, long seed, IReadOnlyList<string> itemIds)
    {
        if (files.FindFile(benchmark.Path, out var problem) is not { } path)
            return ItemTextsFound.None($"{benchmark.Path}: {problem}");
        try
        {
            var (data, hash) = benchmarks.Load(benchmark.Kind, benchmark.Path, path, seed);
            if (hash != benchmark.DataHash)
                return ItemTextsFound.None($"{benchmark.Path} has changed since the sweep read it");
            var found = new Dictionary<string, ItemTexts>(StringComparer.Ordinal);
            foreach (var id in itemIds)
            {
                if (data.Find(id) is { } item)
                    found[id] = new ItemTexts { Prompt = item.Prefix + item.Context + item.Suffix, Golds = [.. item.Continuations], Gold = item.Gold };
            }

            return new ItemTextsFound { Items = found };
        }
        catch (Exception exception) when (exception is InvalidDataFileException or IOException or UnauthorizedAccessException)
        {
            return ItemTextsFound.None(exception.Message);
        }
    }
}
