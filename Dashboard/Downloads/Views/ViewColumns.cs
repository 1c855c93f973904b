using System.Collections;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>The columns of a view.</summary>
internal sealed class ViewColumns<T> : IEnumerable<ExportColumn>
{
    private readonly List<(ExportColumn Column, Func<T, object?> Value)> _columns = [];

    public void Add(string name, Func<T, string?> text) => _columns.Add((new ExportColumn(name, IsNumber: false), text));

    public void Add(string name, Func<T, double?> number) => _columns.Add((new ExportColumn(name, IsNumber: true), row => number(row)));

    public ExportTable Of(IEnumerable<T> rows) => new()
    {
        Columns = [.. this],
        Rows = [.. rows.Select(row => (IReadOnlyList<object?>)[.. _columns.Select(column => column.Value(row))])],
    };

    public IEnumerator<ExportColumn> GetEnumerator() => _columns.Select(column => column.Column).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
