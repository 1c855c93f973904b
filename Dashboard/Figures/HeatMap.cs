using System.Globalization;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>Rows × scalars: effects on the test split. Significant ones have a frame and a mark, the chosen scalar is underlined; a cell that may still change is hatched.</summary>
internal static class HeatMap
{
    private const double Left = 178;
    private const double Top = 34;
    private const double CellHeight = 40;
    private const double CellWidth = 90;

    /// <summary>With the scalar beside the interval.</summary>
    private const double WideCell = 132;
    private const int LongestName = 24;
    private const int LongestColumn = 11;

    /// <summary>A row a bottleneck, a column a scalar.</summary>
    public static Figure ByScalar(string title, IReadOnlyList<EffectCell> cells) => Draw(
        title, "bottleneck ╲ scalar", cells, cell => cell.Bottleneck, cell => $"×{ReportFigures.Scalar(cell.Scalar)}", [.. cells.OrderBy(cell => cell.Scalar ?? double.NegativeInfinity)]);

    /// <summary>The same from the lowest layer to the highest.</summary>
    public static Figure ByLayer(string title, IReadOnlyList<EffectCell> cells) => Draw(
        title,
        "layer ╲ scalar",
        [.. cells.OrderBy(cell => cell.Layer ?? int.MaxValue)],
        cell => $"{cell.Layer?.ToString(CultureInfo.InvariantCulture) ?? "?"} · {cell.Bottleneck}",
        cell => $"×{ReportFigures.Scalar(cell.Scalar)}",
        [.. cells.OrderBy(cell => cell.Scalar ?? double.NegativeInfinity)]);

    /// <summary>One cell a bottleneck and benchmark, each at a scalar of its own.</summary>
    public static Figure ByBenchmark(string title, IReadOnlyList<EffectCell> cells) =>
        Draw(title, "bottleneck ╲ benchmark", cells, cell => cell.Bottleneck, cell => cell.Benchmark, cells, saysScalar: true);

    /// <summary>Of one bottleneck: a row a benchmark, a column a scalar.</summary>
    public static Figure ByBenchmarkAndScalar(string title, IReadOnlyList<EffectCell> cells) => Draw(
        title, "benchmark ╲ scalar", cells, cell => cell.Benchmark, cell => $"×{ReportFigures.Scalar(cell.Scalar)}", [.. cells.OrderBy(cell => cell.Scalar ?? double.NegativeInfinity)]);

    /// <param name="title">Of the figure.</param>
    /// <param name="corner">What rows and columns are.</param>
    /// <param name="cells">In the order of their rows.</param>
    /// <param name="rowOf">Which row a cell stands in.</param>
    /// <param name="columnOf">Which column.</param>
    /// <param name="inColumnOrder">The same cells; columns come in the order in which they first have one.</param>
    /// <param name="saysScalar">Neither row nor column says at which scalar a cell is: it says so itself.</param>
    private static Figure Draw(
        string title, string corner, IReadOnlyList<EffectCell> cells, Func<EffectCell, string> rowOf, Func<EffectCell, string> columnOf, IReadOnlyList<EffectCell> inColumnOrder, bool saysScalar = false)
    {
        var cellWidth = saysScalar ? WideCell : CellWidth;
        string[] columns = [.. inColumnOrder.Select(columnOf).Distinct(StringComparer.Ordinal)];
        var rows = cells.GroupBy(rowOf).ToArray();
        var (width, height) = (Left + (columns.Length * cellWidth) + 8, Top + (rows.Length * CellHeight) + 8);
        var parts = new List<Markup>
        {
            Markup.Of($"""<text class="tick" x="{Left - 10}" y="{Top - 12}" text-anchor="end">{corner}</text>{columns.Select((column, index) => Markup.Of($"""<text class="tick" x="{Left + ((index + 0.5) * cellWidth)}" y="{Top - 12}" text-anchor="middle"><title>{column}</title>{Names.Shorten(column, LongestColumn)}</text>"""))}"""),
        };
        for (var row = 0; row < rows.Length; row++)
        {
            var y = Top + (row * CellHeight);
            parts.Add(Markup.Of($"""<text class="name" x="{Left - 10}" y="{y + (CellHeight / 2) + 4}" text-anchor="end"><title>{rows[row].Key}</title>{Names.Shorten(rows[row].Key, LongestName)}</text>"""));
            foreach (var cell in rows[row])
                parts.Add(Cell(cell, Left + (Array.IndexOf(columns, columnOf(cell)) * cellWidth), y, cellWidth, saysScalar));
        }

        var known = cells.Where(cell => cell.Effect is not null).ToArray();
        var units = known.Select(cell => ReportFigures.UnitOf(cell.Unit)).Distinct(StringComparer.Ordinal).ToArray();
        var partial = known.Any(cell => cell.Of is not null);
        return new Figure
        {
            Title = title,
            Caption = known.Length == 0 ? "Nothing is measured yet: effects against the unsteered model come as test items are done."
                : $"Effect against the unsteered model on {Counts(known)}, {string.Join(" or ", units)}, with its 95 % interval. {(partial ? "Dashed frame: so far, of the items that are done; nothing is corrected, intervals are rough." : $"Frame and ●: p ≤ 0.05 after correction for all cells of the sweep. Underlined: the scalar that selection chose{(saysScalar ? "; where it chose none, the largest effect stands" : "")}.")}{(known.Any(cell => cell.Diverged > 0) ? " † some items diverged." : "")} Blue: gain, orange: harm{(units.Length == 1 ? $", deeper from {EffectColour.Steps(known[0].Unit)}" : "")}.",
            Label = $"{title}: {known.Length} of {cells.Count} cells measured, {known.Count(cell => cell.IsSignificant)} significant after correction",
            Width = width,
            Height = height,
            IsInteractive = true,
            Parts = parts,
            Table = EffectTable.Of(cells),
        };
    }

    private static Markup Cell(EffectCell cell, double x, double y, double width, bool saysScalar)
    {
        var colour = EffectColour.Of(cell.Unit, cell.Effect);
        var middle = x + (width / 2);
        var text = cell.Effect is null ? "" : $"{ReportFigures.Effect(cell.Unit, cell.Effect)}{(cell.IsSignificant ? " ●" : "")}{(cell.Diverged > 0 ? " †" : "")}";
        var below = cell.Of is { } all ? $"{cell.N} of {all}" : cell.Low is null || cell.High is null ? $"n {cell.N}" : ReportFigures.Interval(cell.Unit, cell.Low, cell.High).Replace(" to ", "…", StringComparison.Ordinal);
        if (saysScalar)
            below = $"×{ReportFigures.Scalar(cell.Scalar)}: {below}";
        var inner = Markup.Of($"""
            <title>{cell.Sentence}</title><rect class="cell {colour}{(cell.IsSignificant ? " sure" : "")}{(cell.Of is null ? "" : " open")}" x="{x + 1}" y="{y + 1}" width="{width - 2}" height="{CellHeight - 2}" rx="3"/>
            <text aria-hidden="true" class="in {colour}" x="{middle}" y="{y + 17}" text-anchor="middle">{text}</text><text aria-hidden="true" class="in under {colour}" x="{middle}" y="{y + 30}" text-anchor="middle">{(cell.Effect is null ? "" : below)}</text>
            {(cell.IsChosen ? Markup.Of($"""<line class="chosen {colour}" x1="{x + 20}" y1="{y + CellHeight - 4.5}" x2="{x + width - 20}" y2="{y + CellHeight - 4.5}"/>""") : Markup.Empty)}
            """);
        return cell.Href is null ? inner : Markup.Of($"""<a class="drill" href="{cell.Href}">{inner}</a>""");
    }

    /// <summary>"24 test items", or from how few to how many.</summary>
    private static string Counts(EffectCell[] cells)
    {
        var (low, high) = (cells.Min(cell => cell.N), cells.Max(cell => cell.N));
        return low == high ? $"{low} test items" : $"{low} to {high} test items";
    }
}
