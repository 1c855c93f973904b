using Microsoft.Extensions.Options;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Planning;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Reads the texts once for every recipe over texts, runs the items once for every recipe over items, and compares what the recipes chose.</summary>
internal sealed class Identifier(
    ModelResolver models, PlanFiles files, ContentHashes hashes, BenchmarkCache benchmarks, TextReading reading, SiteReading means, AttentionRecipe attention, ImpactRanking impact, GradientRanking gradients, AutoencoderStudy autoencoders, IOptions<DeviceOptions> devices, ISweepStore? store = null) : IIdentifier
{
    public Task<SweepPlan?> PlanAsync(IdentifyRequest request, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var open = Open(request);
            return MeasuringPlan.Of(request, open.Places);
        },
        cancellationToken);

    public Task<IdentificationResult> RunAsync(IdentifyRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => RunCoreAsync(request, progress, cancellationToken), cancellationToken);

    private async Task<IdentificationResult> RunCoreAsync(IdentifyRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken)
    {
        var (opened, text, items, places) = Open(request);
        var (layers, sites) = (places.Select(place => place.Layer).Distinct().ToArray(), places.Select(place => place.Site).Distinct().ToArray());
        var model = new CalibratedModel(opened.Folder, opened.Facts, request.Precision);
        var documents = TextReading.Tokens(text, request.Texts, model);
        var config = opened.Facts.Config;
        var seen = Enumerable.Range(0, config.LayerCount).SelectMany(layer => sites.Append(Site.ResidualPost).Distinct().Select(site => (layer, site)));
        var diagnostics = await reading.ReadAsync(
            model, documents, seen, done => progress?.Report(new IdentifyProgress("texts", done, documents.Count)), cancellationToken);

        var rankings = new List<ChannelRanking>();
        foreach (var recipe in request.Recipes.Where(TextRecipes.Contains))
            rankings.AddRange(places.Select(place => TextRecipes.Rank(recipe, place, diagnostics)));
        if (request.Groups > 0)
            rankings.AddRange(places.SelectMany(place => GroupRecipe.Rank(place, diagnostics.TimeMeans[place], request.Groups, (ulong)request.Seed)));
        if (request.Recipes.Contains(AttentionRecipe.Name))
            rankings.AddRange(await attention.RankAsync(model, documents, places, done => progress?.Report(new IdentifyProgress("texts for attention", done, documents.Count)), cancellationToken));
        if (items is not null)
        {
            var overItems = request.Recipes.Where(ImpactRecipes.Contains).ToArray();
            rankings.AddRange(request.IsMeasured
                ? await ReadAsync(request, opened, items, text, places, overItems, cancellationToken)
                : await impact.RankAsync(
                    model,
                    items.Prepared,
                    places,
                    overItems,
                    request.Scalars,
                    overItems.Contains(ImpactRecipes.MeanAblation) ? await means.ReadAsync(model, text, request.Texts, places, cancellationToken) : null,
                    done => progress?.Report(new IdentifyProgress("items", done, items.Prepared.Count)),
                    cancellationToken));
            rankings.AddRange(await gradients.RankAsync(
                model,
                items.Prepared,
                places,
                [.. request.Recipes.Where(GradientRecipes.Contains)],
                done => progress?.Report(new IdentifyProgress("items for gradients", done, items.Prepared.Count)),
                cancellationToken));
        }

        if (request.AttentionDocument is { } number && (number < 1 || number > documents.Count))
            throw new InvalidPlanException($"attention-map: found document {number}, expected 1 to {documents.Count}");
        var maps = request.AttentionDocument is { } document ? await attention.MapsAsync(model, documents[document - 1], layers, cancellationToken) : null;
        if (request.AutoencoderFeatures > 0 && documents.Count < 2)
            throw new InvalidPlanException($"texts: found {documents.Count} document with tokens in '{request.Texts.Data}', expected at least two: an autoencoder is held against texts it did not see");
        var encoders = request.AutoencoderFeatures == 0
            ? null
            : await autoencoders.RunAsync(
                model, documents, places, request.AutoencoderFeatures, (ulong)request.Seed, done => progress?.Report(new IdentifyProgress("autoencoders", done, places.Length)), cancellationToken);
        var writer = new BottleneckWriter
        {
            Model = opened.Resolved,
            Precision = request.Precision,
            NumericsId = Numerics.Of(devices.Value.CalibrationDevice),
            Top = request.Top,
            Texts = new IdentificationTexts
            {
                DataHash = text!.Hash,
                Half = request.Texts.Half,
                MaxTokens = request.Texts.MaxTokens,
                Positions = diagnostics.Positions,
                Documents = [.. text.Documents.Select(document => CalibrationText.HashOf(document.Text))],
            },
            Items = items?.Used,
        };
        return new IdentificationResult
        {
            Model = opened.Resolved.Name,
            WeightsHash = opened.Facts.WeightsHash,
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => LayerReports.Of(layer, diagnostics))],
            CkaPositions = diagnostics.CkaPositions,
            AttentionMaps = maps,
            Autoencoders = encoders,
            Bottlenecks = writer.Write([.. rankings.OrderBy(ranking => (ranking.Layer, ranking.Site))]),
        };
    }

    /// <summary>What a request names, with nothing wrong in it.</summary>
    private (OpenModel Model, CalibrationText Text, SelectionItems? Items, (int Layer, Site Site)[] Places) Open(IdentifyRequest request)
    {
        var problems = new List<string>();
        var opened = models.Open(request.Model, "model", problems);
        var layers = opened is null ? [] : IdentifyChecks.Layers(request, opened.Facts.Config, problems);
        var sites = IdentifyChecks.Sites(request.Sites, problems);
        IdentifyChecks.Recipes(request, devices.Value.CalibrationDevice, problems);
        var text = IdentifyChecks.ReadText(request.Texts, files, hashes, problems);
        var items = opened is null || request.Benchmarks.Count == 0 ? null : Items(request, opened, problems);
        if (text is not null && items is not null)
            problems.AddRange(CalibrationOverlap.Find(text, items.ByBenchmark, "texts"));
        if (opened is not null)
            IdentifyChecks.Top(request, sites, opened.Facts.Config, problems);
        return problems.Count > 0
            ? throw new InvalidPlanException([.. problems.Distinct()])
            : (opened!, text!, items, [.. layers.SelectMany(layer => sites.Select(site => (layer, site)))]);
    }

    private async Task<IReadOnlyList<ChannelRanking>> ReadAsync(
        IdentifyRequest request, OpenModel model, SelectionItems items, CalibrationText text, (int Layer, Site Site)[] places, string[] recipes, CancellationToken cancellationToken)
    {
        if (recipes.Length == 0)
            return [];
        var ledger = new ImpactLedger(store ?? throw new InvalidOperationException("there is no store that impacts could be read from"));
        var impacts = await ledger.FindAsync(MeasuringPlan.Of(request, places)!, cancellationToken) ?? throw new InvalidOperationException("the sweep that measures the request's recipes over items is not complete");
        return await ledger.RankAsync(impacts, 0, model, items, text, [.. places.SelectMany(place => recipes.Select(recipe => (place, recipe)))], cancellationToken);
    }

    private SelectionItems Items(IdentifyRequest request, OpenModel model, List<string> problems)
    {
        var items = new SelectionItems(model.Facts, model.Folder, request.Precision, request.Seed, request.ContextLimit);
        foreach (var (index, benchmark) in request.Benchmarks.Index())
            items.Add(benchmark with { Items = null }, benchmark.Split ?? request.Split, benchmark.Items, $"benchmarks[{index}] ({benchmark.Label ?? benchmark.Name})", files, benchmarks, problems);
        return items;
    }
}
