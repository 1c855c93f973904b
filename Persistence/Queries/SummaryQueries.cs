using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;

namespace Sweep.Persistence.Queries;

/// <summary>Which rows of a summary are wanted.</summary>
public sealed record SummaryRowQuery
{
    /// <summary>Default: of every model.</summary>
    public string? Model { get; init; }

    /// <summary>Default: of every benchmark.</summary>
    public string? Benchmark { get; init; }

    /// <summary>Default: 0.</summary>
    public int Skip { get; init; }

    public required int Take { get; init; }
}

/// <summary>A page of a summary's rows.</summary>
public sealed record SummaryRowPage
{
    public required IReadOnlyList<SummaryRow> Rows { get; init; }

    /// <summary>As many are wanted on all pages.</summary>
    public required int Total { get; init; }
}

/// <summary>Which whole cells of a summary are wanted.</summary>
public sealed record SummaryCellQuery
{
    /// <summary>Default: of every model.</summary>
    public string? Model { get; init; }

    /// <summary>Default: on every benchmark.</summary>
    public string? Benchmark { get; init; }

    /// <summary>Default: of every bottleneck.</summary>
    public string? Bottleneck { get; init; }

    /// <summary>Those behind the cell of this number. Default: from the first.</summary>
    public int? After { get; init; }

    public required int Take { get; init; }
}

/// <summary>A page of a summary's cells.</summary>
public sealed record SummaryCellPage
{
    public required IReadOnlyList<SummaryCell> Cells { get; init; }

    /// <summary>Number of the last cell, which the next page lies behind; null: this is the last page.</summary>
    public int? Next { get; init; }
}

/// <summary>Which cells of a summary are wanted.</summary>
public sealed record CellQuery
{
    /// <summary>Default: of every model.</summary>
    public string? Model { get; init; }

    /// <summary>Default: on every benchmark.</summary>
    public string? Benchmark { get; init; }

    /// <summary>Default: of every bottleneck.</summary>
    public string? Bottleneck { get; init; }
}

/// <summary>A cell in a figure: <see cref="SummaryCell"/> without what a figure does not show, its scores those of the test split.</summary>
public sealed record CellScore
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public required string Bottleneck { get; init; }

    public double? Scalar { get; init; }

    public required ScoreUnit Unit { get; init; }

    /// <summary>Test items; 0: there are no scores.</summary>
    public required int N { get; init; }

    public double? Effect { get; init; }

    public double? EffectLow { get; init; }

    public double? EffectHigh { get; init; }

    public int Diverged { get; init; }

    public double? FamilyP { get; init; }

    public int? ControlRank { get; init; }

    public int Controls { get; init; }

    /// <summary>The random controls at the same scalar; null: there are none.</summary>
    public ControlBand? Band { get; init; }

    /// <summary>What the query gives of a whole summary: bottlenecks' own cells, in its order.</summary>
    public static IReadOnlyList<CellScore> Of(SweepSummary summary) => [.. summary.Cells.Zip(OfAll(summary)).Where(pair => pair.First.ControlIndex is null).Select(pair => pair.Second)];

    /// <summary>The same of controls' cells, too.</summary>
    internal static IEnumerable<CellScore> OfAll(SweepSummary summary)
    {
        var bands = summary.Cells.GroupBy(cell => (cell.Model, cell.Benchmark)).ToDictionary(group => group.Key, group => ReportReader.Bands(group));
        return summary.Cells.Select(cell => Of(cell, cell.ControlIndex is null ? bands[(cell.Model, cell.Benchmark)].GetValueOrDefault((cell.Bottleneck, cell.Scalar)) : null));
    }

    private static CellScore Of(SummaryCell cell, ControlBand? band)
    {
        var scores = SummaryParts.TestOf(cell);
        return new CellScore
        {
            Model = cell.Model,
            Benchmark = cell.Benchmark,
            Bottleneck = cell.Bottleneck,
            Scalar = cell.Scalar,
            Unit = cell.Unit,
            N = scores?.N ?? 0,
            Effect = scores?.Effect,
            EffectLow = scores?.EffectLow,
            EffectHigh = scores?.EffectHigh,
            Diverged = scores?.Diverged ?? 0,
            FamilyP = cell.FamilyP,
            ControlRank = cell.ControlRank,
            Controls = cell.Controls,
            Band = band,
        };
    }
}
