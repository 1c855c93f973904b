using System.Globalization;
using Sweep.Contracts.Plans.Reading;

namespace Sweep.Contracts.Plans.Templates;

/// <summary>A parameter's value as it stands in a plan: one scalar or a list of them.</summary>
public sealed record TemplateValue
{
    private readonly IReadOnlyList<string> _items;
    private readonly bool _plain;
    private readonly bool _list;

    private TemplateValue(IReadOnlyList<string> items, bool plain, bool list) => (_items, _plain, _list) = (items, plain, list);

    internal bool IsList => _list;

    internal static TemplateValue OfText(string text) => new([text], plain: false, list: false);

    internal static TemplateValue OfFlag(bool flag) => new([flag ? "true" : "false"], plain: true, list: false);

    internal static TemplateValue OfNumber(double number) => new([Written(number)], plain: true, list: false);

    internal static TemplateValue OfNumbers(IEnumerable<double> numbers) => new([.. numbers.Select(Written)], plain: true, list: true);

    /// <summary>How it reads inside a longer text.</summary>
    internal string Inline() => _items[0];

    /// <summary>What replaces the scalar that named it.</summary>
    internal PlanNode At(int line, int column) =>
        _list
            ? new SequenceNode([.. _items.Select(item => new ScalarNode(item, _plain, line, column))], line, column)
            : new ScalarNode(_items[0], _plain, line, column);

    /// <summary>Whole numbers without exponent, whatever their size: a plan's whole numbers have none.</summary>
    private static string Written(double number) =>
        number == Math.Truncate(number) && Math.Abs(number) < 1e15
            ? number.ToString("F0", CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
}
