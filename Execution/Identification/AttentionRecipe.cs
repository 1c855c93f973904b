using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Score of a channel: mean over texts of |Σ_t w_t x_t|, w the hidden attention of its layer's scan from the last position (method of arXiv 2602.22719's attention-weighted channels).</summary>
internal sealed class AttentionRecipe(DevicePool pool)
{
    public const string Name = "attention";

    public async Task<IReadOnlyList<AttentionMap>> MapsAsync(CalibratedModel model, int[] tokens, IReadOnlyList<int> layers, CancellationToken cancellationToken)
    {
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            var maps = new List<AttentionMap>();
            foreach (var layer in layers)
            {
                var map = await worker.Thread.InvokeAsync(
                    token => HiddenAttention.MeanMap(worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).Network, tokens, layer, token), cancellationToken);
                maps.Add(new AttentionMap { Layer = layer, Tokens = tokens, Map = map });
            }

            return maps;
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }
    }

    public async Task<IReadOnlyList<ChannelRanking>> RankAsync(
        CalibratedModel model, IReadOnlyList<int[]> documents, IReadOnlyList<(int Layer, Site Site)> places, Action<int> done, CancellationToken cancellationToken)
    {
        var halves = places.Select(place => (Even: new double[SteerableSites.Width(place.Site, model.Facts.Config)], Odd: new double[SteerableSites.Width(place.Site, model.Facts.Config)])).ToArray();
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            foreach (var (index, tokens) in documents.Index())
            {
                var vectors = await worker.Thread.InvokeAsync(
                    token => AttentionWeighted.Vectors(worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).Network, tokens, places, token), cancellationToken);
                foreach (var (half, vector) in halves.Zip(vectors))
                {
                    var sums = index % 2 == 0 ? half.Even : half.Odd;
                    for (var channel = 0; channel < sums.Length; channel++)
                        sums[channel] += Math.Abs(vector[channel]);
                }

                done(index + 1);
            }
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }

        var (even, odd) = ((documents.Count + 1) / 2, documents.Count / 2);
        return [.. places.Zip(halves, (place, half) => new ChannelRanking
        {
            Recipe = Name,
            Layer = place.Layer,
            Site = place.Site,
            Scores = [.. half.Even.Zip(half.Odd, (a, b) => (double?)((a + b) / documents.Count))],
            Halves = odd == 0 ? null : ([.. half.Even.Select(sum => (double?)(sum / even))], [.. half.Odd.Select(sum => (double?)(sum / odd))]),
        })];
    }
}
