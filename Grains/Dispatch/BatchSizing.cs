namespace Sweep.Grains.Dispatch;

/// <summary>How large some batches in a row are. It is stored with the sweep before the first of them: who cuts them again, with whatever options, gets the same ones.</summary>
internal sealed record BatchSizing
{
    /// <summary>For how many batches it holds.</summary>
    public required int Batches { get; init; }

    public required double BatchSeconds { get; init; }

    public required double MicroBatchSeconds { get; init; }

    /// <summary>One speed a model of the plan.</summary>
    public required IReadOnlyList<double> MultiplyAddsPerSecond { get; init; }

    /// <summary>See <see cref="BatchPlannerOptions.MaxRowTokens"/>.</summary>
    public required long MaxRowTokens { get; init; }

    /// <summary>See <see cref="BatchPlannerOptions.MinimumRows"/>.</summary>
    public required int MinimumRows { get; init; }

    /// <summary>See <see cref="BatchPlannerOptions.MaxRowsPerBatch"/>.</summary>
    public required int MaxRowsPerBatch { get; init; }
}
