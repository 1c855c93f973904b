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
/// Finds the channels of a plan's recipes that the calibrator's variances do not give: other scores of the calibration text, and impacts on items of the selection split.
/// A score is computed once for its content.
/// </summary>
internal sealed class RecipeResolver(DevicePool pool, ICalibrationCache cache, PlanFiles files, BenchmarkCache benchmarks, TextReading reading, ImpactRanking impact)
{
    /// <summary>Grows when the definition of a score changes.</summary>
    private const string ScoreVersion = "1";

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
    public async Task<IReadOnlyList<OpenBottleneck>> ResolveAsync(
        SweepPlan plan, OpenModel model, IReadOnlyList<OpenBottleneck> bottlenecks, CalibrationText? text, SelectionItems? items, CancellationToken cancellationToken)
    {
        var calibrated = new CalibratedModel(model.Folder, model.Facts, plan.Precision);
        var wanted = bottlenecks.SelectMany(bottleneck => bottleneck.Parts).Where(Concerns).Select(part => (part.Place, Recipe: part.Channels.By!)).Distinct().ToArray();
        var scores = new Dictionary<((int Layer, Site Site) Place, string Recipe), IReadOnlyList<double?>>();
        foreach (var (place, recipe) in wanted)
        {
            if (await cache.FindAsync(Key(plan, model, text, items, place, recipe), cancellationToken) is { } known)
                scores[(place, recipe)] = JsonSerializer.Deserialize<double?[]>(known, SweepJson.Options)!;
        }

        var missing = wanted.Where(one => !scores.ContainsKey(one)).ToArray();
        foreach (var ranking in await RankAsync(plan, calibrated, missing, text, items, cancellationToken))
        {
            var place = (ranking.Layer, ranking.Site);
            scores[(place, ranking.Recipe)] = ranking.Scores;
            await cache.SaveAsync(Key(plan, model, text, items, place, ranking.Recipe), JsonSerializer.SerializeToUtf8Bytes(ranking.Scores, SweepJson.Options), cancellationToken);
        }

        return [.. bottlenecks.Select(bottleneck => bottleneck with
        {
            Parts =
            [
                .. bottleneck.Parts.Select(part => !Concerns(part) ? part : part with
                {
                    FoundBy = part.Recipe,
                    Channels = new ChannelsPlan { Explicit = ChannelRanking.Top(scores[(part.Place, part.Channels.By!)], part.Channels.Top!.Value) },
                }),
            ],
        })];
    }

    private async Task<IReadOnlyList<ChannelRanking>> RankAsync(
        SweepPlan plan, CalibratedModel model, ((int Layer, Site Site) Place, string Recipe)[] missing, CalibrationText? text, SelectionItems? items, CancellationToken cancellationToken)
    {
        var rankings = new List<ChannelRanking>();
        var overTexts = missing.Where(one => TextRecipes.Contains(one.Recipe)).ToArray();
        if (overTexts.Length > 0)
        {
            var diagnostics = await reading.ReadAsync(
                model, TextReading.Tokens(text!, plan.Calibration!, model), overTexts.Select(one => one.Place).Distinct(), _ => { }, cancellationToken);
            rankings.AddRange(overTexts.Select(one => TextRecipes.Rank(one.Recipe, one.Place, diagnostics)));
        }

        foreach (var recipe in missing.Where(one => ImpactRecipes.Contains(one.Recipe)).GroupBy(one => one.Recipe, one => one.Place))
        {
            rankings.AddRange(await impact.RankAsync(
                model, items!.Prepared, [.. recipe], [recipe.Key], (plan.Identify ?? new IdentifyPlan()).Scalars, _ => { }, cancellationToken));
        }

        return rankings;
    }

    private string Key(SweepPlan plan, OpenModel model, CalibrationText? text, SelectionItems? items, (int Layer, Site Site) place, string recipe)
    {
        var key = new StringBuilder();
        void Add(params IEnumerable<string> parts)
        {
            foreach (var part in parts)
                key.Append(part).Append('\n');
        }

        Add(
            ScoreVersion, recipe, Numerics.Of(pool.Options.CalibrationDevice), plan.Precision, model.Facts.WeightsHash, model.Facts.TokenizerHash,
            place.Layer.ToString(CultureInfo.InvariantCulture), place.Site.ToString());
        if (TextRecipes.Contains(recipe))
        {
            Add(
                text!.Hash, plan.Calibration!.Half ?? "", plan.Calibration.Documents.ToString(CultureInfo.InvariantCulture),
                plan.Calibration.MaxTokens.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            if (recipe == ImpactRecipes.Scaling)
                Add((plan.Identify ?? new IdentifyPlan()).Scalars.Select(scalar => scalar.ToString("R", CultureInfo.InvariantCulture)));
            Add(items!.Used.Benchmarks.SelectMany(used => (string[])[used.Name, used.DataHash, used.PromptVersion]));
            Add(items.Prepared.Select(item => $"{item.Item.Id} {item.PromptHash}"));
        }

        return $"identification/{ContentHashes.OfText(key.ToString())}";
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
