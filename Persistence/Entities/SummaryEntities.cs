namespace Sweep.Persistence.Entities;

/// <summary>A sweep's summary in parts, so that a page reads what it shows: this is all but rows and cells. The document in <see cref="SweepEntity.Summary"/> stays the original.</summary>
internal sealed class SummaryEntity
{
    public required string SweepId { get; set; }

    /// <summary>Bytes of the document that the parts were made of: another length means that it was written by a version that makes no parts.</summary>
    public required long DocumentBytes { get; set; }

    /// <summary>JSON of the summary without rows and cells.</summary>
    public required string Head { get; set; }
}

internal sealed class SummaryRowEntity
{
    public required string SweepId { get; set; }

    /// <summary>Position in the summary, from 0.</summary>
    public required int Ordinal { get; set; }

    public required string Model { get; set; }

    public required string Benchmark { get; set; }

    public required string Unit { get; set; }

    public required int TestItems { get; set; }

    public required double Effect { get; set; }

    /// <summary>JSON of the whole row.</summary>
    public required string Payload { get; set; }
}

/// <summary>A cell with its scores on the test split in columns.</summary>
internal sealed class SummaryCellEntity
{
    public required string SweepId { get; set; }

    /// <summary>Position in the summary, from 0.</summary>
    public required int Ordinal { get; set; }

    /// <summary>Kind of a control; null: it is a bottleneck's own cell.</summary>
    public string? Kind { get; set; }

    public required string Model { get; set; }

    public required string Benchmark { get; set; }

    public required string Bottleneck { get; set; }

    public double? Scalar { get; set; }

    public required string Unit { get; set; }

    /// <summary>Test items; 0: the scores are null.</summary>
    public required int N { get; set; }

    public double? Effect { get; set; }

    public double? EffectLow { get; set; }

    public double? EffectHigh { get; set; }

    public required int Diverged { get; set; }

    public double? FamilyP { get; set; }

    public int? ControlRank { get; set; }

    public required int Controls { get; set; }

    /// <summary>Random controls of a bottleneck's own cell, at its scalar: as in <see cref="Reports.ControlBand"/>.</summary>
    public required int BandSets { get; set; }

    public double? BandLowest { get; set; }

    public double? BandMedian { get; set; }

    public double? BandHighest { get; set; }

    /// <summary>JSON of the whole cell.</summary>
    public required string Payload { get; set; }
}
