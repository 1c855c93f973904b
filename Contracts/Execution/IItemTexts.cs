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
[GenerateSerializer]
[Immutable]
[Alias("sweep.ItemTextsFound")]
public sealed record ItemTextsFound
{
    /// <summary>By item id.</summary>
    [Id(0)]
    public required IReadOnlyDictionary<string, ItemTexts> Items { get; init; }

    /// <summary>Why there is none; null: there are some.</summary>
    [Id(1)]
    public string? Problem { get; init; }

    public static ItemTextsFound None(string problem) => new() { Items = new Dictionary<string, ItemTexts>(), Problem = problem };
}

/// <summary>An item as it stands in its file.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.ItemTexts")]
public sealed record ItemTexts
{
    /// <summary>Before any cut to a context limit.</summary>
    [Id(0)]
    public required string Prompt { get; init; }

    /// <summary>What is scored after it: the golds, or the choices.</summary>
    [Id(1)]
    public required IReadOnlyList<string> Golds { get; init; }

    /// <summary>Of choices: which one is right; null: each is.</summary>
    [Id(2)]
    public int? Gold { get; init; }
}
