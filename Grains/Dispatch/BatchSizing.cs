namespace Sweep.Grains.Dispatch;

/// <summary>How large some batches in a row are. It is stored with the sweep before the first of them: who cuts them again, with whatever options, gets the same ones.</summary>
internal sealed record BatchSizing
{
    /// <summary>For how many batches it holds.</summary>
    public required int Batches { get; init; }

    public required double BatchSeconds { get; init; }

    /// <summary>
    /// By which share batches are longer or shorter than <see cref="BatchSeconds"/>, in turn: workers that begin together are not to come back together, all asking for the same at
    /// once. Default: 0.
    /// </summary>
    public double Spread { get; init; }

    public required double MicroBatchSeconds { get; init; }

    /// <summary>One speed a model of the plan.</summary>
    public required IReadOnlyList<double> MultiplyAddsPerSecond { get; init; }

    /// <summary>See <see cref="BatchPlannerOptions.MaxRowTokens"/>.</summary>
    public required long MaxRowTokens { get; init; }

    /// <summary>See <see cref="BatchPlannerOptions.MinimumRows"/>.</summary>
    public required int MinimumRows { get; init; }

    /// <summary>See <see cref="BatchPlannerOptions.MaxRowsPerBatch"/>.</summary>
    public required int MaxRowsPerBatch { get; init; }

    /// <summary>How long the batch of this number is to be. Multiples of the golden ratio fill the range evenly, however many there are.</summary>
    public double SecondsOf(int number) => BatchSeconds * (1 + Spread * (2 * (number * GoldenRatio % 1) - 1));

    private const double GoldenRatio = 0.618033988749895;
}
