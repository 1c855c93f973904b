using System.Globalization;
using System.Text;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Planning;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>
/// Finds the channels of a plan's recipes that the calibrator's variances do not give: other scores of the calibration text, and impacts on items of the selection
/// split, which a stage of the plan has measured. A score is computed once for its content, the first one that anybody kept.
/// </summary>
internal sealed class RecipeResolver(DevicePool pool, ICalibrationCache cache, PlanFiles files, BenchmarkCache benchmarks, TextReading reading, ImpactLedger ledger)
{
    /// <summary>Grows when the definition of a score changes.</summary>
    private const string ScoreVersion = "recipe/1";

    /// <summary>The items that a plan's recipes over items are measured on; null where it has no such recipe.</summary>
    public SelectionItems? Items(SweepPlan plan, OpenModel model, IReadOnlyList<OpenBottleneck> bottlenecks, IReadOnlyList<OpenBenchmark> measured, List<string> problems)
    {
        if (!bottlenecks.Any(bottleneck => bottleneck.Parts.Any(part => part.NeedsItems)))
            return null;
        var identify = plan.Identify ?? new IdentifyPlan();
        var items = new SelectionItems(model.Facts, model.Folder, plan.Precision, plan.Seed, plan.ContextLimit);
        foreach (var (index, benchmark) in plan.Benchmarks.Index().Where(benchmark => Serves(benchmark.Item, plan.Seed)))
            items.Add(benchmark, benchmark.Split ?? plan.Split, identify.Items, $"benchmarks[{index}] ({benchmark.Label ?? benchmark.Name})", files, benchmarks, problems);
        if (items.Prepared.Count == 0 && measured.Count == plan.Benchmarks.Count)
            problems.Add("bottlenecks: a recipe over items is asked for, but no benchmark of the plan has items of the selection split with golds");
        return items;
    }

    /// <summary>The bottlenecks with every such recipe in the place of the channels that it chooses.</summary>
    /// <param name="impacts">What recipes over items are ranked by, where they were not ranked before.</param>
    /// <param name="number">Index of the model.</param>
    /// <exception cref="InvalidOperationException">The plan's stage of impacts is not complete.</exception>
    public async Task<IReadOnlyList<OpenBottleneck>> ResolveAsync(
        SweepPlan plan,
        ImpactMeasurement? impacts,
        OpenModel model,
        int number,
        IReadOnlyList<OpenBottleneck> bottlenecks,
        CalibrationText? text,
        SelectionItems? items,
        CancellationToken cancellationToken)
    {
        string KeyOf((int Layer, Site Site) place, string recipe) => Key(plan, ImpactRecipes.Contains(recipe) && impacts is not null ? impacts.Resolved.NumericsId : Numerics.Of(pool.Options.CalibrationDevice), model, text, items, place, recipe);

        var calibrated = new CalibratedModel(model.Folder, model.Facts, plan.Precision);
        var wanted = bottlenecks.SelectMany(bottleneck => bottleneck.Parts).Where(Concerns).Select(part => (part.Place, Recipe: part.Channels.By!)).Distinct().ToArray();
        var scores = new Dictionary<((int Layer, Site Site) Place, string Recipe), IReadOnlyList<double?>>();
        foreach (var (place, recipe) in wanted)
        {
            if (await cache.FindAsync(KeyOf(place, recipe), cancellationToken) is { } known)
                scores[(place, recipe)] = JsonSerializer.Deserialize<double?[]>(known, SweepJson.Options)!;
        }

        var missing = wanted.Where(one => !scores.ContainsKey(one)).ToArray();
        var rankings = new List<ChannelRanking>();
        if (missing.Where(one => TextRecipes.Contains(one.Recipe)).ToArray() is { Length: > 0 } overTexts)
            rankings.AddRange(await RankAsync(plan, calibrated, overTexts, text!, cancellationToken));
        if (missing.Where(one => ImpactRecipes.Contains(one.Recipe)).ToArray() is { Length: > 0 } overItems)
        {
            rankings.AddRange(await ledger.RankAsync(
                impacts ?? throw new InvalidOperationException($"'{SweepIds.Of(ImpactStages.Of(plan)!)}', whose rows the channels of {plan.Name} are to be ranked by, is not complete"),
                number,
                model,
                items!,
                text,
                overItems,
                cancellationToken));
        }

        foreach (var ranking in rankings)
        {
            var place = (ranking.Layer, ranking.Site);
            scores[(place, ranking.Recipe)] = ranking.Scores;
            await cache.SaveAsync(KeyOf(place, ranking.Recipe), JsonSerializer.SerializeToUtf8Bytes(ranking.Scores, SweepJson.Options), cancellationToken);
        }

        return [.. bottlenecks.Select(bottleneck => bottleneck with
        {
            Parts =
            [
                .. bottleneck.Parts.Select(part => !Concerns(part) ? part : part with
                {
                    FoundBy = part.Recipe,
                    Ranking = (part.Channels.By!, scores[(part.Place, part.Channels.By!)]),
                    Channels = new ChannelsPlan { Explicit = ChannelRanking.Top(scores[(part.Place, part.Channels.By!)], part.Channels.Top!.Value) },
                }),
            ],
        })];
    }

    private async Task<IEnumerable<ChannelRanking>> RankAsync(
        SweepPlan plan, CalibratedModel model, ((int Layer, Site Site) Place, string Recipe)[] wanted, CalibrationText text, CancellationToken cancellationToken)
    {
        var diagnostics = await reading.ReadAsync(
            model, TextReading.Tokens(text, plan.Calibration!, model), wanted.Select(one => one.Place).Distinct(), _ => { }, cancellationToken);
        return wanted.Select(one => TextRecipes.Rank(one.Recipe, one.Place, diagnostics));
    }

    private static string Key(SweepPlan plan, string numericsId, OpenModel model, CalibrationText? text, SelectionItems? items, (int Layer, Site Site) place, string recipe)
    {
        var key = new StringBuilder();
        void Add(params IEnumerable<string> parts)
        {
            foreach (var part in parts)
                key.Append(part).Append('\n');
        }

        Add(
            ScoreVersion, recipe, numericsId, plan.Precision, model.Facts.WeightsHash, model.Facts.TokenizerHash,
            place.Layer.ToString(CultureInfo.InvariantCulture), place.Site.ToString());
        if (TextRecipes.Contains(recipe) || recipe == ImpactRecipes.MeanAblation)
        {
            Add(
                text!.Hash, plan.Calibration!.Half ?? "", plan.Calibration.Documents.ToString(CultureInfo.InvariantCulture),
                plan.Calibration.MaxTokens.ToString(CultureInfo.InvariantCulture));
        }

        if (ImpactRecipes.Contains(recipe))
        {
            if (recipe == ImpactRecipes.Scaling)
                Add((plan.Identify ?? new IdentifyPlan()).Scalars.Select(scalar => scalar.ToString("R", CultureInfo.InvariantCulture)));
            Add(items!.Used.Benchmarks.SelectMany(used => (string[])[used.Name, used.DataHash, used.PromptVersion]));
            Add(items.Prepared.Select(item => $"{item.Item.Id} {item.PromptHash}"));
        }

        return $"calibration/{ContentHashes.OfText(key.ToString())}";
    }

    private static bool Concerns(OpenPart part) => part.Channels.Top is not null && part.Channels.By != TextRecipes.Variance;

    private bool Serves(BenchmarkPlan benchmark, long seed)
    {
        // What cannot be read is told where benchmarks are resolved.
        try
        {
            return files.FindFile(benchmark.Data, out _) is { } path && SelectionItems.Serves(benchmarks.Load(benchmark.Name, benchmark.Data, path, seed).Data);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return false;
        }
    }
}
