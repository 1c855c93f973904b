using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Planning;
using Sweep.Execution.Randomness;
using Sweep.Models.Architectures;
using Sweep.Models.Identification;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Ablates every layer's MixerOutput and the channels of bottleneck files, and scales every layer's dt_proj.bias, over documents whose means it did not use.</summary>
internal sealed class AblationStudy(
    ModelResolver models, PlanFiles files, ContentHashes hashes, BottleneckFiles identified, TextReading reading, DevicePool pool) : IAblationStudy
{
    /// <summary>Rows of a pass.</summary>
    private const int RowsAtOnce = 16;

    public Task<AblationResult> RunAsync(AblationRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => RunCoreAsync(request, progress, cancellationToken), cancellationToken);

    private async Task<AblationResult> RunCoreAsync(AblationRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var opened = models.Open(request.Model, "model", problems);
        var text = IdentifyChecks.ReadText(request.Texts, files, hashes, problems);
        if (text?.Documents.Count == 1)
            problems.Add($"texts: found 1 document in '{request.Texts.Data}', expected at least two: means are of one half, the divergence is over the other");
        var sources = new List<IdentifiedSource>();
        foreach (var (index, name) in request.Bottlenecks.Index())
        {
            var place = $"bottlenecks[{index}]";
            if (identified.Read(name, place, problems) is not { } file || opened is null)
                continue;
            BottleneckFiles.Check(file, place, opened.Resolved.Name, opened.Facts.WeightsHash, problems);
            IdentifyChecks.Place(file, place, opened.Facts.Config, problems);
            sources.Add(new IdentifiedSource(name, file));
        }

        if (problems.Count > 0)
            throw new InvalidPlanException(problems);

        var model = new CalibratedModel(opened!.Folder, opened.Facts, request.Precision);
        var documents = TextReading.Tokens(text!, request.Texts, model);
        int[][] measured = [.. documents.Where((_, index) => index % 2 == 1)];
        if (measured.Length == 0)
            throw new InvalidPlanException($"texts: found {documents.Count} document with tokens in '{request.Texts.Data}', expected at least two");
        var places = Enumerable.Range(0, opened.Facts.Config.LayerCount).Select(layer => (layer, Site.MixerOutput)).Concat(sources.Select(Place)).Distinct();
        int[][] calibrating = [.. documents.Where((_, index) => index % 2 == 0)];
        var diagnostics = await reading.ReadAsync(
            model, calibrating, places, done => progress?.Report(new IdentifyProgress("texts for means", done, calibrating.Length)), cancellationToken);
        var moments = diagnostics.Sites.ToDictionary(site => (site.Layer, site.Site), site => site.Moments);
        var rows = Rows(request, opened.Facts.Config, sources, moments).ToArray();
        var factors = Enumerable.Range(0, opened.Facts.Config.LayerCount).SelectMany(layer => request.DeltaBiasFactors.Select(factor => new DeltaBiasRow { Layer = layer, Factor = factor, Kl = 0 })).ToArray();
        var (ablated, biased) = await MeasureAsync(model, measured, rows, request.DeltaBiasFactors, progress, cancellationToken);
        var positions = measured.Sum(tokens => (long)tokens.Length);
        return new AblationResult
        {
            Model = opened.Resolved.Name,
            WeightsHash = opened.Facts.WeightsHash,
            Positions = positions,
            Rows = [.. rows.Zip(ablated, (row, sum) => row.Row with { Kl = sum / positions })],
            DeltaBias = [.. factors.Zip(biased, (row, sum) => row with { Kl = sum / positions })],
        };
    }

    private async Task<(double[] Ablated, double[] Biased)> MeasureAsync(
        CalibratedModel model, int[][] documents, (AblationRow Row, Ablation Ablation)[] rows, IReadOnlyList<double> factors, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken)
    {
        var layers = model.Facts.Config.LayerCount;
        var (ablated, biased) = (new double[rows.Length], new double[layers * factors.Count]);
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            foreach (var (index, tokens) in documents.Index())
            {
                foreach (var chunk in rows.Index().Chunk(RowsAtOnce))
                {
                    var sums = await worker.Thread.InvokeAsync(token => TokenKl.Sums(Network(), tokens, [.. chunk.Select(row => (IReadOnlyList<Ablation>)[row.Item.Ablation])], token), cancellationToken);
                    foreach (var (row, sum) in chunk.Zip(sums))
                        ablated[row.Index] += sum;
                }

                for (var layer = 0; layer < layers && factors.Count > 0; layer++)
                {
                    var at = layer;
                    var sums = await worker.Thread.InvokeAsync(token => DeltaBias.KlSums(Network(), tokens, at, factors, token), cancellationToken);
                    for (var factor = 0; factor < factors.Count; factor++)
                        biased[(layer * factors.Count) + factor] += sums[factor];
                }

                progress?.Report(new IdentifyProgress("texts", index + 1, documents.Length));
            }
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }

        return (ablated, biased);

        MambaModel Network() => worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).Network;
    }

    private static IEnumerable<(AblationRow Row, Ablation Ablation)> Rows(
        AblationRequest request, ModelConfig config, IReadOnlyList<IdentifiedSource> sources, IReadOnlyDictionary<(int Layer, Site Site), ChannelMoments> moments)
    {
        foreach (var kind in request.Kinds)
        {
            for (var layer = 0; layer < config.LayerCount; layer++)
                yield return Row("layer", null, (layer, Site.MixerOutput), [.. Enumerable.Range(0, config.DModel)]);
            foreach (var source in sources)
            {
                var place = Place(source);
                var width = SteerableSites.Width(place.Site, config);
                yield return Row("bottleneck", source.Name, place, [.. source.File.Channels]);
                yield return Row("rest", source.Name, place, [.. Enumerable.Range(0, width).Except(source.File.Channels)]);
                var random = RandomOrder(request.Seed, source, width);
                for (var count = 1; ; count = Math.Min(2 * count, width))
                {
                    yield return Row("top", source.Name, place, ChannelRanking.Top(source.File.Scores, count));
                    yield return Row("random", source.Name, place, [.. random.Take(count).Order()]);
                    if (count == width)
                        break;
                }
            }

            (AblationRow Row, Ablation Ablation) Row(string what, string? source, (int Layer, Site Site) place, int[] channels) => (
                new AblationRow { What = what, Source = source, Layer = place.Layer, Site = place.Site.ToString(), Kind = kind, Channels = channels.Length, Kl = 0 },
                new Ablation { Layer = place.Layer, Site = place.Site, Kind = kind, Channels = channels, Moments = moments[place], Seed = (ulong)request.Seed });
        }
    }

    private static int[] RandomOrder(long seed, IdentifiedSource source, int width)
    {
        var generator = new SeededGenerator("sweep-ablation-order/1", seed.ToString(CultureInfo.InvariantCulture), source.File.WeightsHash, $"{source.File.Layer} {source.File.Site}");
        var order = Enumerable.Range(0, width).ToArray();
        for (var index = 0; index < width; index++)
        {
            var other = index + generator.Below(width - index);
            (order[index], order[other]) = (order[other], order[index]);
        }

        return order;
    }

    private static (int Layer, Site Site) Place(IdentifiedSource source) => (source.File.Layer, Enum.Parse<Site>(source.File.Site));
}
