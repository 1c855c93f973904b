using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Execution;

/// <summary>Texts of items, where the files that they come from can be read.</summary>
public interface IItemTexts
{
    /// <param name="benchmark">Resolved: the file must still have its hash.</param>
    /// <param name="seed">Of the plan.</param>
    /// <param name="itemIds">Which items.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<ItemTextsFound> FindAsync(ResolvedBenchmark benchmark, long seed, IReadOnlyList<string> itemIds, CancellationToken cancellationToken);
}

/// <summary>What was found.</summary>
public sealed record ItemTextsFound
{
    /// <summary>By item id.</summary>
    public required IReadOnlyDictionary<string, ItemTexts> Items { get; init; }

    /// <summary>Why there is none; null: there are some.</summary>
    public string? Problem { get; init; }
}

/// <summary>An item as it stands in its file.</summary>
/// <param name="Prompt">Before any cut to a context limit.</param>
/// <param name="Golds">What is scored after it: the golds, or the choices.</param>
/// <param name="Gold">Of choices: which one is right; null: each is.</param>
public sealed record ItemTexts(string Prompt, IReadOnlyList<string> Golds, int? Gold);
