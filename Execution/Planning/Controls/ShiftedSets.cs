using Sweep.Contracts.Plans;

namespace Sweep.Execution.Planning.Controls;

/// <summary>The same channels at other layers: whether the layer matters. Parts move together.</summary>
internal static class ShiftedSets
{
    /// <summary>At most <paramref name="count"/>, evenly spread over the layers that there are.</summary>
    public static IEnumerable<DrawnControl> Of(ControlledBottleneck bottleneck, int count) => Shifts(bottleneck.Bottleneck, bottleneck.Layers, count).Select(shift => new DrawnControl
    {
        Kind = ControlKind.OtherLayer,
        Recipe = $"the same at layer {string.Join(" + ", bottleneck.Parts.Select(part => part.Layer + shift))}",
        Channels = bottleneck.Own,
        Shift = shift,
    });

    /// <summary>Ascending, never 0.</summary>
    public static IReadOnlyList<int> Shifts(OpenBottleneck bottleneck, int layers, int count)
    {
        var possible = Enumerable.Range(-layers, (2 * layers) + 1).Where(shift => shift != 0 && bottleneck.Parts.All(part => part.Layer + shift >= 0 && part.Layer + shift < layers)).ToArray();
        var taken = Math.Min(count, possible.Length);

        // The middle of each of equal stretches.
        return [.. Enumerable.Range(0, taken).Select(index => possible[((2 * index) + 1) * possible.Length / (2 * taken)])];
    }
}
