using System.Globalization;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Figures;

/// <summary>Cells as rows of a table.</summary>
internal static class EffectTable
{
    public static FigureTable Of(IEnumerable<EffectCell> cells) => new(
        ["bottleneck", "benchmark", "layer", "scalar", "effect", "95 % interval", "n", "corrected p", "rank among controls"],
        [.. cells.Select(cell => (IReadOnlyList<string>)
        [
            cell.Bottleneck,
            cell.Benchmark,
            cell.Layer?.ToString(CultureInfo.InvariantCulture) ?? ReportFigures.None,
            ReportFigures.Scalar(cell.Scalar),
            ReportFigures.Effect(cell.Unit, cell.Effect),
            ReportFigures.Interval(cell.Unit, cell.Low, cell.High),
            cell.Of is { } all ? $"{cell.N} of {all}" : cell.N.ToString(CultureInfo.InvariantCulture),
            ReportFigures.P(cell.FamilyP),
            cell.ControlRank is { } rank ? $"{rank} of {cell.Controls + 1}" : ReportFigures.None,
        ])]);
}
