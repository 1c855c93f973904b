namespace Sweep.Contracts.Jobs;

/// <summary>What a job measures of each item.</summary>
public enum Measure
{
    /// <summary>Teacher-forced log-likelihood of the golds.</summary>
    LogLikelihood,

    /// <summary>Greedy generation, scored by the benchmark's metric.</summary>
    Generation,

    /// <summary>Log-likelihood of the text itself.</summary>
    Perplexity,
}

/// <summary>One model × benchmark × intervention × measure. Its identity is what decides its result; paths and names are only where to find things here.</summary>
public sealed record JobSpec
{
    public required JobId Id { get; init; }

    public required JobIdentity Identity { get; init; }

    /// <summary>Model folder as the plan names it.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Benchmark or task file as the plan names it.</summary>
    public required string DataPath { get; init; }

    /// <summary>Draws the examples of a task, which the prompt version stands for; null elsewhere.</summary>
    public long? Seed { get; init; }

    public static JobSpec Create(JobIdentity identity, string modelPath, string dataPath, long? seed = null) => new()
    {
        Id = JobId.Of(identity),
        Identity = identity,
        ModelPath = modelPath,
        DataPath = dataPath,
        Seed = seed,
    };
}

/// <summary>Everything that decides a job's results, item by item. Identity operations are left out of <see cref="Interventions"/>: the baseline has none.</summary>
public sealed record JobIdentity
{
    public required string WeightsHash { get; init; }

    public required string TokenizerHash { get; init; }

    /// <summary>The benchmark's kind, for instance "squad".</summary>
    public required string Benchmark { get; init; }

    public required string DataHash { get; init; }

    public required string PromptVersion { get; init; }

    public required string MetricVersion { get; init; }

    public int? ContextLimit { get; init; }

    public required IReadOnlyList<InterventionSpec> Interventions { get; init; }

    public required Measure Measure { get; init; }

    /// <summary>Perplexity only: most tokens that a token is predicted from; null: all before it.</summary>
    public int? Window { get; init; }

    /// <summary>Perplexity only, with a window: tokens that are scored in each.</summary>
    public int? Stride { get; init; }

    /// <summary>Generation only.</summary>
    public int? MaxNewTokens { get; init; }

    public required string Precision { get; init; }

    /// <summary>Device kind and engine revision, for instance "cpu/1": results of different ones are never mixed.</summary>
    public required string NumericsId { get; init; }
}
