namespace Sweep.Contracts.Plans.Reading;

/// <summary>A node as a value of one type; null when it is of another.</summary>
internal static class PlanValues
{
    /// <summary>Text; a bare number, true, false or nothing is none (quote it).</summary>
    public static string? Text(PlanNode node) =>
        node is ScalarNode scalar && !(scalar.Plain && (scalar.IsNull || scalar.Number is not null || scalar.Flag is not null)) ? scalar.Text : null;

    public static int? Whole(PlanNode node) => Long(node) is { } whole and >= int.MinValue and <= int.MaxValue ? (int)whole : null;

    public static long? Long(PlanNode node) => (node as ScalarNode)?.Whole;

    /// <summary>A finite number.</summary>
    public static double? Number(PlanNode node) => (node as ScalarNode)?.Number is { } number && double.IsFinite(number) ? number : null;
}
