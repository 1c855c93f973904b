using Sweep.Contracts.Execution;

namespace Sweep.Contracts.Grains;

/// <summary>Answers what only those can who have the files of plans: silos with workers, whichever is nearest (key: 0). Nothing of it changes anything.</summary>
[Alias("sweep.IPlanFilesGrain")]
public interface IPlanFilesGrain : IGrainWithIntegerKey
{
    /// <summary>What a plan would come to. Models that were never looked at are hashed first, which takes as long as reading them.</summary>
    /// <param name="plan">The plan as JSON, in the store's form.</param>
    [Alias("Estimate")]
    [ResponseTimeout("00:05:00")]
    Task<PlanEstimateAnswer> EstimateAsync(string plan);

    /// <param name="benchmark">The resolved benchmark as JSON, in the store's form; its items are not needed.</param>
    /// <param name="seed">Of the plan.</param>
    /// <param name="itemIds">Which items.</param>
    [Alias("FindTexts")]
    Task<ItemTextsFound> FindTextsAsync(string benchmark, long seed, IReadOnlyList<string> itemIds);
}

/// <summary>An estimate, or every problem of the plan's files.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.PlanEstimateAnswer")]
public sealed record PlanEstimateAnswer
{
    /// <summary>Null: see the problems.</summary>
    [Id(0)]
    public PlanEstimate? Estimate { get; init; }

    [Id(1)]
    public IReadOnlyList<string> Problems { get; init; } = [];
}
