namespace Sweep.Persistence.Exports;

/// <summary>Rows with named columns, as something that people look at: small enough for memory.</summary>
public sealed record ExportTable
{
    public required IReadOnlyList<ExportColumn> Columns { get; init; }

    /// <summary>A value a column: a double in a column of numbers, text in any other, null where there is none.</summary>
    public required IReadOnlyList<IReadOnlyList<object?>> Rows { get; init; }
}

/// <summary>One column of an <see cref="ExportTable"/>.</summary>
/// <param name="Name">In snake_case.</param>
/// <param name="IsNumber">Its values are doubles.</param>
public sealed record ExportColumn(string Name, bool IsNumber);
