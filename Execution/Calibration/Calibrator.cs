using System.Globalization;
using System.Text;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Residency;
using Sweep.Models.Steering;

namespace Sweep.Execution.Calibration;

/// <summary>Computes a model's statistics over a calibration text, once for each place and content.</summary>
internal sealed class Calibrator(DevicePool pool, ICalibrationCache cache, SiteReading reading)
{
    /// <summary>Grows when the definition of the scores or means changes.</summary>
    private const string ScoreVersion = "2";

    public async Task<IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>> ComputeAsync(
        CalibratedModel model, CalibrationText text, CalibrationPlan plan, IReadOnlyCollection<(int Layer, Site Site)> places, CancellationToken cancellationToken)
    {
        var found = new Dictionary<(int Layer, Site Site), SiteStatistics>();
        foreach (var place in places)
        {
            if (await cache.FindAsync(Key(model, text, plan, place), cancellationToken) is { } bytes)
                found[place] = JsonSerializer.Deserialize<SiteStatistics>(bytes, SweepJson.Options)!;
        }

        var missing = places.Where(place => !found.ContainsKey(place)).ToArray();
        if (missing.Length == 0)
            return found;
        foreach (var (place, statistics) in await reading.ReadAsync(model, text, plan, missing, cancellationToken))
        {
            found[place] = statistics;
            await cache.SaveAsync(Key(model, text, plan, place), JsonSerializer.SerializeToUtf8Bytes(statistics, SweepJson.Options), cancellationToken);
        }

        return found;
    }

    private string Key(CalibratedModel model, CalibrationText text, CalibrationPlan plan, (int Layer, Site Site) place)
    {
        var key = new StringBuilder();
        foreach (var part in (string[])
        [
            ScoreVersion, Numerics.Of(pool.Options.CalibrationDevice), model.Precision, model.Facts.WeightsHash, model.Facts.TokenizerHash, text.Hash, plan.Half ?? "",
            plan.Documents.ToString(CultureInfo.InvariantCulture), plan.MaxTokens.ToString(CultureInfo.InvariantCulture),
            place.Layer.ToString(CultureInfo.InvariantCulture), place.Site.ToString(),
        ])
            key.Append(part).Append('\n');
        return $"calibration/{ContentHashes.OfText(key.ToString())}";
    }
}

/// <summary>A model as calibration runs it.</summary>
internal sealed record CalibratedModel(string Folder, ModelFacts Facts, string Precision);
