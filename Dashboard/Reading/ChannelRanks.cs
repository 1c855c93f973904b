using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Figures;

namespace Sweep.Dashboard.Reading;

/// <summary>By what the channels of one part of a bottleneck were ranked.</summary>
/// <param name="Part">Its number in the bottleneck.</param>
/// <param name="Acts">Where it acts, on which channels.</param>
/// <param name="Ranked">All channels there with their scores.</param>
internal sealed record PartRanks(int Part, InterventionSpec Acts, RankedPlace Ranked)
{
    public Figure? Draw(string bottleneck) => ScorePlot.Draw(
        $"{bottleneck}: channels of {Ranked.Site} at layer {Ranked.Layer} by {Ranked.Recipe}", Ranked.Recipe.Replace('_', ' '), Ranked.Scores, [.. Acts.Channels], Sureness());

    private string Sureness() => Ranked.Stability is not { } halves ? "How far the scores repeat on other texts or items was not measured."
        : $"On each half of its texts or items by itself: {(halves.Jaccard is { } jaccard ? $"Jaccard of the chosen channels {Two(jaccard)}" : "no channels chosen on one half")}{(halves.RankCorrelation is { } rank ? $", rank correlation of the scores {Two(rank)}" : "")}.";

    private static string Two(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}

/// <summary>What a store keeps of how a sweep's channels were found.</summary>
internal static class ChannelRanks
{
    /// <summary>Null: the sweep was resolved without any, before they were kept, or with other weights than these.</summary>
    public static async Task<IdentifiedChannels?> FindAsync(ISweepStore store, string sweepId, ResolvedPlan resolved, CancellationToken cancellationToken)
    {
        if (await store.FindArtifactAsync(IdentifiedChannels.KeyOf(sweepId), cancellationToken) is not { } bytes)
            return null;
        var found = JsonSerializer.Deserialize<IdentifiedChannels>(bytes, SweepJson.Options)!;
        return found.WeightsHashes.SequenceEqual(resolved.Models.Select(model => model.WeightsHash)) ? found : null;
    }

    /// <summary>Of the parts whose channels a recipe or a file chose.</summary>
    public static IReadOnlyList<PartRanks> Of(IdentifiedChannels found, ResolvedBottleneck bottleneck) => [.. bottleneck.Interventions.Index().Select(part =>
    {
        var here = found.Ranked.Where(place => place.Model == bottleneck.Model && place.Layer == part.Item.Layer && place.Site == part.Item.Site).ToArray();
        // Several recipes may have ranked one place; each part's own stands in the words of its bottleneck.
        var words = bottleneck.Recipe.Split(" + ").ElementAtOrDefault(part.Index) ?? bottleneck.Recipe;
        var own = here.FirstOrDefault(place => place.File is { } file ? words.EndsWith($", by {file}", StringComparison.Ordinal) : words.EndsWith($" by {place.Recipe}", StringComparison.Ordinal));
        return own is null ? null : new PartRanks(part.Index, part.Item, own);
    }).OfType<PartRanks>()];
}
