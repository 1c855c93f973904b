using Sweep.Contracts.Plans;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning.Controls;

/// <summary>All channels of the same sites that are not the bottleneck's: where they do as much, the bottleneck is no narrow place.</summary>
internal static class ComplementSet
{
    /// <summary>None of a part with all channels, and none of an addition, whose values belong to its channels.</summary>
    public static IEnumerable<DrawnControl> Of(ControlledBottleneck bottleneck)
    {
        int[][] rest = [.. bottleneck.Own.Select((own, part) => Enumerable.Range(0, bottleneck.Parts[part].Width).Except(own).ToArray())];
        if (rest.Any(channels => channels.Length == 0) || bottleneck.Parts.Any(part => part.Operation == Operation.Add))
            return [];
        return [new DrawnControl { Kind = ControlKind.Complement, Recipe = $"the other {rest.Sum(channels => channels.Length)}", Channels = rest }];
    }
}
