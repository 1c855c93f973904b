using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Running;
using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Ranks channels by gradients, at the places among those given where they can be taken.</summary>
internal sealed class GradientRanking(DevicePool pool)
{
    /// <summary>Of integrated gradients.</summary>
    private const int Steps = 16;

    public async Task<IReadOnlyList<ChannelRanking>> RankAsync(
        CalibratedModel model, IReadOnlyList<PreparedItem> items, IReadOnlyList<(int Layer, Site Site)> places, IReadOnlyList<string> recipes, Action<int> done, CancellationToken cancellationToken)
    {
        if (recipes.Count == 0)
            return [];
        var supported = places.Where(place => GradientAttribution.Supports(place.Site)).ToArray();
        var outcomes = supported.Select(_ => new List<GradientAttribution.Outcome>()).ToArray();
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            foreach (var (index, item) in items.Index())
            {
                foreach (var (place, found) in supported.Zip(outcomes))
                {
                    found.Add(await worker.Thread.InvokeAsync(
                        token => GradientAttribution.Run(
                            worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).Network,
                            GradientRecipes.Text(item),
                            place.Layer,
                            place.Site,
                            recipes.Contains(GradientRecipes.Integrated) ? Steps : 0,
                            token),
                        cancellationToken));
                }

                done(index + 1);
            }
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }

        var (even, odd) = ItemHalves.Of([.. items.Select(item => item.Item.Group)]);
        return [.. recipes.SelectMany(recipe => supported.Zip(outcomes, (place, found) => Ranking(recipe, place, found, even, odd)))];
    }

    private static ChannelRanking Ranking(string recipe, (int Layer, Site Site) place, IReadOnlyList<GradientAttribution.Outcome> outcomes, int[] even, int[] odd)
    {
        IReadOnlyList<double> Of(int item) => recipe == GradientRecipes.Gradient ? outcomes[item].GradientTimesActivation : outcomes[item].IntegratedGradients!;
        double?[] Means(int[] items) =>
            [.. Enumerable.Range(0, Of(0).Count).Select(channel => items.Average(item => Of(item)[channel])).Select(mean => double.IsFinite(mean) ? mean : (double?)null)];
        static double?[] Magnitudes(double?[] means) => [.. means.Select(mean => mean is { } value ? Math.Abs(value) : (double?)null)];
        var all = Means([.. even, .. odd]);
        return new ChannelRanking
        {
            Recipe = recipe,
            Layer = place.Layer,
            Site = place.Site,
            Scores = Magnitudes(all),
            Halves = odd.Length == 0 ? null : (Magnitudes(Means(even)), Magnitudes(Means(odd))),
            Effects = new Dictionary<string, IReadOnlyList<double?>> { [recipe] = all },
            IsOverItems = true,
        };
    }
}
