using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning;

/// <summary>Keeps with a sweep by what its channels were ranked: what the resolution itself has no room for.</summary>
internal sealed class ChannelKeeper(ICalibrationCache cache)
{
    /// <param name="plan">Whose.</param>
    /// <param name="found">By model: its bottlenecks, and what calibration found.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task KeepAsync(
        SweepPlan plan, IReadOnlyList<(OpenModel Model, IReadOnlyList<OpenBottleneck> Bottlenecks, IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>? Statistics)> found, CancellationToken cancellationToken)
    {
        var ranked = found.SelectMany((model, index) => model.Bottlenecks.SelectMany(bottleneck => bottleneck.Parts).Select(part => Ranked(index, part, model.Statistics)).OfType<RankedPlace>())
            .DistinctBy(place => (place.Model, place.Layer, place.Site, place.Recipe, place.File)).ToArray();
        var calibrated = found.SelectMany((model, index) => (model.Statistics ?? new Dictionary<(int Layer, Site Site), SiteStatistics>())
            .OrderBy(place => place.Key).Select(place => Calibrated(index, place.Key, place.Value))).ToArray();
        if (ranked.Length == 0 && calibrated.Length == 0)
            return;
        var kept = new IdentifiedChannels { WeightsHashes = [.. found.Select(one => one.Model.Resolved.WeightsHash)], Ranked = ranked, Calibrated = calibrated };
        await cache.SaveAsync(IdentifiedChannels.KeyOf(SweepIds.Of(plan)), JsonSerializer.SerializeToUtf8Bytes(kept, SweepJson.Options), cancellationToken);
    }

    /// <summary>Null: nobody ranked its channels.</summary>
    private static RankedPlace? Ranked(int model, OpenPart part, IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>? statistics) => part switch
    {
        { Source: { } source } => Place(model, part, source.File.Recipe, source.File.Scores) with { File = source.Name, Stability = source.File.Stability, Overlaps = source.File.Overlaps },
        { Ranking: { } ranking } => Place(model, part, ranking.Recipe, ranking.Scores),
        { Channels: { Top: not null, By: TextRecipes.Variance } } when statistics?.GetValueOrDefault(part.Place) is { } known => Place(model, part, TextRecipes.Variance, [.. known.Variances.Select(value => (double?)value)]),
        _ => null,
    };

    private static RankedPlace Place(int model, OpenPart part, string recipe, IReadOnlyList<double?> scores) => new()
    {
        Model = model,
        Layer = part.Layer,
        Site = part.Site.ToString(),
        Recipe = recipe,
        Scores = [.. scores.Select(Single)],
    };

    private static CalibratedPlace Calibrated(int model, (int Layer, Site Site) place, SiteStatistics statistics)
    {
        var (sum, squares) = (statistics.Variances.Sum(), statistics.Variances.Sum(value => value * value));
        return new CalibratedPlace
        {
            Model = model,
            Layer = place.Layer,
            Site = place.Site.ToString(),
            Channels = statistics.Variances.Count,
            RootMeanSquare = Math.Sqrt(statistics.Squares.Average()),
            VarianceOverTexts = statistics.Variances.Average(),
            EffectiveChannels = squares > 0 ? sum * sum / squares : null,
        };
    }

    /// <summary>People look at it: single precision is as fine as anybody sees.</summary>
    private static float? Single(double? score) => score is { } value && float.IsFinite((float)value) ? (float)value : null;
}
