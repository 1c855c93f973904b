using Sweep.Execution.Calibration;
using Sweep.Execution.Running;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Changes every channel of the places alone, on every item, and ranks them by what that does to the gold log-likelihood.</summary>
internal sealed class ImpactRanking(RowEffects effects)
{
    /// <param name="means">Of the places, where mean ablation is among the recipes.</param>
    public async Task<IReadOnlyList<ChannelRanking>> RankAsync(
        CalibratedModel model,
        IReadOnlyList<PreparedItem> items,
        IReadOnlyList<(int Layer, Site Site)> places,
        IReadOnlyList<string> recipes,
        IReadOnlyList<double> scalars,
        IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>? means,
        Action<int> done,
        CancellationToken cancellationToken)
    {
        if (recipes.Count == 0 || places.Count == 0)
            return [];
        var rows = new List<(ImpactRow Row, Intervention Change)>();
        foreach (var place in places)
        {
            for (var channel = 0; channel < SteerableSites.Width(place.Site, model.Facts.Config); channel++)
            {
                foreach (var recipe in recipes)
                    rows.AddRange(ImpactRecipes.Changes(recipe, place.Layer, place.Site, channel, scalars, means?[place].Means[channel]).Select(change => (new ImpactRow(place, recipe, change.Name, channel), change.Change)));
            }
        }

        var measured = await effects.MeasureAsync(model, items, [.. rows.Select(row => (IReadOnlyList<Intervention>)[row.Change])], done, cancellationToken);
        return Of([.. rows.Zip(measured, (row, effects) => new MeasuredImpact(row.Row, effects))], [.. items.Select(item => item.Item.Group)]);
    }

    /// <param name="measured">All channels of each place.</param>
    /// <param name="groups">Of the items, in their order.</param>
    public static IReadOnlyList<ChannelRanking> Of(IReadOnlyList<MeasuredImpact> measured, IReadOnlyList<string> groups)
    {
        var (even, odd) = ItemHalves.Of(groups);
        return [.. measured.GroupBy(one => (one.Row.Place, one.Row.Recipe)).Select(group => Ranking(group.Key.Place, group.Key.Recipe, [.. group], even, odd))];
    }

    private static ChannelRanking Ranking((int Layer, Site Site) place, string recipe, MeasuredImpact[] measured, int[] even, int[] odd)
    {
        var changes = measured.GroupBy(one => one.Row.Name).ToDictionary(group => group.Key, group => group.OrderBy(one => one.Row.Channel).Select(one => one.Effects).ToArray());
        Dictionary<string, IReadOnlyList<double?>> Means(int[] items) => changes.ToDictionary(
            change => change.Key, change => (IReadOnlyList<double?>)[.. change.Value.Select(channel => RowEffects.Mean(channel, items))]);
        var all = Means([.. even, .. odd]);
        return new ChannelRanking
        {
            Recipe = recipe,
            Layer = place.Layer,
            Site = place.Site,
            Scores = ImpactRecipes.Scores([.. all.Values]),
            Halves = odd.Length == 0 ? null : (ImpactRecipes.Scores([.. Means(even).Values]), ImpactRecipes.Scores([.. Means(odd).Values])),
            Effects = all,
            IsOverItems = true,
        };
    }
}
