namespace Sweep.Models.Checkpoints;

/// <summary>One thing that was compared.</summary>
public sealed record ModelCheckEntry
{
    /// <summary>The reference's name for it.</summary>
    public required string Name { get; init; }

    /// <summary>"relative": max|a−b| / max|b|. "absolute": max|a−b|. "equal": how many values differ.</summary>
    public required string Measure { get; init; }

    /// <summary>In the measure; null where there is none: shapes differ, a value is not finite, or nothing is there to compare with. <see cref="Detail"/> says which.</summary>
    public required double? Difference { get; init; }

    /// <summary>Largest difference that passes; 0 for "equal".</summary>
    public required double Tolerance { get; init; }

    /// <summary>What is wrong, when it is more than a number.</summary>
    public string? Detail { get; init; }

    public bool Passed => Detail is null && Difference <= Tolerance;
}

/// <summary>A model against the references beside it.</summary>
public sealed record ModelCheckReport
{
    public required string Folder { get; init; }

    public required string WeightsHash { get; init; }

    public required long ParameterCount { get; init; }

    /// <summary>What was taken for granted though the folder does not say it.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Everything that was compared; empty when there is nothing to compare with, which is a failure.</summary>
    public required IReadOnlyList<ModelCheckEntry> Entries { get; init; }

    public bool Passed => Entries.Count > 0 && Entries.All(entry => entry.Passed);
}
