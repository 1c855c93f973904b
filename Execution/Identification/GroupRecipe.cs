using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Groups of channels that move together over the texts, each as a choice of its own; its score is a channel's correlation with the centre of the group.</summary>
internal static class GroupRecipe
{
    public static IEnumerable<ChannelRanking> Rank((int Layer, Site Site) place, IReadOnlyList<double[]> timeMeans, int count, ulong seed)
    {
        var groups = ChannelGroups.Of(timeMeans, count, seed);
        var found = groups.Assignments.Max() + 1;
        for (var group = 0; group < found; group++)
        {
            int[] members = [.. groups.Assignments.Index().Where(channel => channel.Item == group).Select(channel => channel.Index)];
            yield return new ChannelRanking
            {
                Recipe = $"group{group + 1}of{found}",
                Layer = place.Layer,
                Site = place.Site,
                Members = members,
                Scores = [.. groups.Closeness.Select((closeness, channel) => groups.Assignments[channel] == group ? closeness : null)],
                Halves = null,
            };
        }
    }
}
