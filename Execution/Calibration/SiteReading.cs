using Sweep.Contracts.Plans;
using Sweep.Execution.Devices;
using Sweep.Execution.Residency;
using Sweep.Models.Steering;

namespace Sweep.Execution.Calibration;

/// <summary>Runs a model over a calibration text for the statistics of some places.</summary>
internal sealed class SiteReading(DevicePool pool)
{
    /// <exception cref="InvalidPlanException">The text has no token.</exception>
    public async Task<IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>> ReadAsync(
        CalibratedModel model, CalibrationText text, CalibrationPlan plan, IReadOnlyList<(int Layer, Site Site)> places, CancellationToken cancellationToken)
    {
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            var byText = new List<IReadOnlyList<TimeMoments>>();
            foreach (var document in text.Documents)
            {
                var tokens = model.Facts.Tokenizer.Encode(document.Text).Take(plan.MaxTokens).ToArray();
                if (tokens.Length == 0)
                    continue;
                byText.Add(await worker.Thread.InvokeAsync(
                    token => worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).TimeMoments(tokens, places, token), cancellationToken));
            }

            return byText.Count > 0
                ? places.Index().ToDictionary(place => place.Item, place => SiteStatistics.Of([.. byText.Select(moments => moments[place.Index])]))
                : throw new InvalidPlanException($"calibration.data: '{plan.Data}' has no document with any token");
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }
    }
}
