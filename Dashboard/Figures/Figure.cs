using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>A drawing with what it shows as a table: pages, downloads and tests have the same one.</summary>
public sealed record Figure
{
    private readonly Lazy<FigureTable> _table = null!;

    public required string Title { get; init; }

    /// <summary>What is drawn, of how many items, and what the intervals are.</summary>
    public required string Caption { get; init; }

    /// <summary>What it says, for those who do not see it.</summary>
    public required string Label { get; init; }

    public required double Width { get; init; }

    public required double Height { get; init; }

    /// <summary>Has links in it, and is walked through by keyboard.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>In drawing order. Where a few change, only these are sent to browsers.</summary>
    public required IReadOnlyList<Markup> Parts { get; init; }

    public required FigureTable Table
    {
        get => _table.Value;
        init => _table = new Lazy<FigureTable>(value);
    }

    /// <summary>A table that takes long to make, made when somebody wants it.</summary>
    internal Func<FigureTable> LaterTable
    {
        init => _table = new Lazy<FigureTable>(value);
    }
}

/// <summary>The numbers of a figure.</summary>
public sealed record FigureTable(IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows);
