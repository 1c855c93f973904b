using System.Globalization;
using System.Text.RegularExpressions;

namespace Sweep.Contracts.Plans.Reading;

/// <summary>A value of a plan's text with the place it stands at (1-based).</summary>
internal abstract record PlanNode(int Line, int Column)
{
    /// <summary>What a message says was found.</summary>
    public abstract string Describe();
}

internal sealed partial record ScalarNode(string Text, bool Plain, int Line, int Column) : PlanNode(Line, Column)
{
    private const int LongestQuote = 60;

    public bool IsNull => Plain && Text is "" or "~" or "null";

    public bool? Flag => !Plain ? null : Text switch { "true" => true, "false" => false, _ => null };

    /// <summary>The number this stands for, as JSON and YAML write numbers in decimal; null for anything else, quoted digits among it.</summary>
    public double? Number =>
        Plain && DecimalNumber().IsMatch(Text) && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The whole number this stands for, when it fits; null for anything else, "1.0" among it.</summary>
    public long? Whole => Plain && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;

    public override string Describe()
    {
        if (IsNull)
            return "nothing";
        var shown = Text.Length > LongestQuote ? Text[..LongestQuote] + "…" : Text;
        shown = string.Concat(shown.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return Plain && (Number is not null || Flag is not null) ? shown : $"'{shown}'";
    }

    [GeneratedRegex(@"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalNumber();
}

internal sealed record SequenceNode(IReadOnlyList<PlanNode> Items, int Line, int Column) : PlanNode(Line, Column)
{
    public override string Describe() => Items.Count == 0 ? "an empty list" : $"a list of {Items.Count}";
}

internal sealed record MappingNode(IReadOnlyList<PlanField> Fields, int Line, int Column) : PlanNode(Line, Column)
{
    public override string Describe() => Fields.Count == 0 ? "an empty group of fields" : $"a group of fields ({string.Join(", ", Fields.Take(3).Select(field => field.Name))}{(Fields.Count > 3 ? ", …" : "")})";
}

internal sealed record PlanField(string Name, PlanNode Value, int Line, int Column);
