namespace Sweep.Execution.Identification;

/// <summary>Cuts items in two for the stability of what is found on them; groups stay whole.</summary>
internal static class ItemHalves
{
    /// <summary>Every other group of items, in the order of the groups' first items.</summary>
    /// <param name="ofItems">Of the items, in their order.</param>
    public static (int[] Even, int[] Odd) Of(IReadOnlyList<string> ofItems)
    {
        var groups = ofItems.Index().GroupBy(item => item.Item, StringComparer.Ordinal).Select(group => group.Select(item => item.Index)).ToArray();
        int[] Half(int parity) => [.. groups.Where((_, index) => index % 2 == parity).SelectMany(group => group)];
        return (Half(0), Half(1));
    }
}
