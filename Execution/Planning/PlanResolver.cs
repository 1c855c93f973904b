using Microsoft.Extensions.Options;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Hub;
using Sweep.Execution.Identification;
using Sweep.Execution.Planning.Controls;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Residency;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning;

/// <summary>Looks at every file of a plan, tells every problem at once, and turns recipes into channels.</summary>
internal sealed class PlanResolver(
    ModelResolver models, HubPins pins, BenchmarkResolver benchmarks, PlanFiles files, ContentHashes hashes, BottleneckFiles identified, Calibrator calibrator, RecipeResolver recipes, ChannelKeeper channels, ImpactLedger ledger, IOptions<DeviceOptions> devices) : IPlanResolver
{
    public Task<ResolvedPlan> ResolveAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken) =>
        Task.Run(() => ResolveCoreAsync(plan, calibrate, cancellationToken), cancellationToken);

    private async Task<ResolvedPlan> ResolveCoreAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        if (ModelPrecision.Problem(plan.Precision, devices.Value.CalibrationDevice) is { } unfit)
            problems.Add(unfit);
        var opened = models.Resolve(plan, await pins.OfAsync(plan, mayFetch: calibrate, problems, cancellationToken), problems);
        var measured = new List<OpenBenchmark>();
        for (var index = 0; index < plan.Benchmarks.Count; index++)
        {
            if (benchmarks.Resolve(plan, index, opened, problems, cancellationToken) is { } benchmark)
                measured.Add(benchmark);
        }

        foreach (var twice in measured.GroupBy(benchmark => benchmark.Resolved.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add($"benchmarks: {twice.Count()} are called '{twice.Key}', give them labels");
        var bottlenecks = opened.Select(model => BottleneckReader.Read(plan, model, identified, problems)).ToArray();
        var text = ReadText(plan, bottlenecks, measured, problems);
        foreach (var source in bottlenecks.SelectMany(model => model).SelectMany(bottleneck => bottleneck.Parts).Select(part => part.Source).OfType<IdentifiedSource>().DistinctBy(source => source.Name))
            problems.AddRange(BottleneckFiles.Leaks(source, measured));
        var items = opened.Select((model, index) => recipes.Items(plan, model, bottlenecks[index], measured, problems)).ToArray();
        if (problems.Count > 0)
            throw new InvalidPlanException([.. problems.Distinct()]);
        if (ImpactStages.IsOne(plan))
        {
            var means = new List<IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>>();
            foreach (var (index, model) in opened.Index().TakeWhile(_ => calibrate))
                means.Add(await MeansAsync(plan, model, bottlenecks[index], text, cancellationToken));
            return ImpactStage.Of(plan, opened, measured, bottlenecks, items, means, text, Numerics.Of(devices.Value.CalibrationDevice));
        }

        var impacts = calibrate ? await ledger.FindAsync(plan, cancellationToken) : null;
        var resolved = new List<ResolvedBottleneck>();
        var found = new List<(OpenModel Model, IReadOnlyList<OpenBottleneck> Bottlenecks, IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>? Statistics)>();
        for (var model = 0; model < opened.Count; model++)
        {
            if (calibrate)
                bottlenecks[model] = await recipes.ResolveAsync(plan, impacts, opened[model], model, bottlenecks[model], text, items[model], cancellationToken);
            var statistics = calibrate ? await CalibrateAsync(plan, opened[model], bottlenecks[model], text, cancellationToken) : null;
            found.Add((opened[model], bottlenecks[model], statistics));
            var sets = new ChannelResolver(model, opened[model].Resolved.Layers, opened[model].Resolved.WeightsHash, statistics);
            resolved.AddRange(bottlenecks[model].SelectMany(bottleneck => sets.Resolve(bottleneck, plan.Controls, plan.Seed)));
        }

        if (calibrate)
            await channels.KeepAsync(plan, found, cancellationToken);
        return new ResolvedPlan
        {
            Models = [.. opened.Select(model => model.Resolved)],
            Benchmarks = [.. measured.Select(benchmark => benchmark.Resolved)],
            Bottlenecks = resolved,
            // The kind of device that impacts were measured on is that of the whole plan.
            NumericsId = impacts?.Resolved.NumericsId ?? Numerics.Of(devices.Value.CalibrationDevice),
        };
    }

    private CalibrationText? ReadText(
        SweepPlan plan, IReadOnlyList<OpenBottleneck>[] bottlenecks, IReadOnlyList<OpenBenchmark> measured, List<string> problems)
    {
        var needed = bottlenecks.SelectMany(model => model).Any(bottleneck => bottleneck.Parts.Any(part => part.NeedsCalibration)) || plan.Controls.NeedingCalibration().Any();
        if (plan.Calibration is not { } calibration)
        {
            if (needed)
                problems.Add("calibration: none is given, but a recipe by variance, a mean ablation or a matched control needs a text");
            return null;
        }

        if (files.FindFile(calibration.Data, out var problem) is not { } path)
        {
            problems.Add($"calibration.data: {problem}");
            return null;
        }

        try
        {
            var text = CalibrationText.Read(path, calibration, hashes);
            problems.AddRange(CalibrationOverlap.Find(text, [.. measured.Select(benchmark => (benchmark.Resolved.Name, benchmark.Items))]));
            return text;
        }
        catch (InvalidPlanException failure)
        {
            problems.AddRange(failure.Problems);
            return null;
        }
    }

    private Task<IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>> CalibrateAsync(
        SweepPlan plan, OpenModel model, IReadOnlyList<OpenBottleneck> bottlenecks, CalibrationText? text, CancellationToken cancellationToken) =>
        StatisticsAsync(plan, model, bottlenecks.SelectMany(bottleneck => Places(bottleneck, plan.Controls, model.Resolved.Layers)), text, cancellationToken);

    private Task<IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>> MeansAsync(
        SweepPlan plan, OpenModel model, IReadOnlyList<OpenBottleneck> bottlenecks, CalibrationText? text, CancellationToken cancellationToken) =>
        StatisticsAsync(plan, model, bottlenecks.SelectMany(bottleneck => bottleneck.Parts).Where(part => part.NeedsMeans).Select(part => part.Place), text, cancellationToken);

    private async Task<IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>> StatisticsAsync(
        SweepPlan plan, OpenModel model, IEnumerable<(int Layer, Site Site)> needed, CalibrationText? text, CancellationToken cancellationToken)
    {
        var places = needed.Distinct().Order().ToArray();
        return places.Length == 0
            ? new Dictionary<(int Layer, Site Site), SiteStatistics>()
            : await calibrator.ComputeAsync(
                new CalibratedModel(model.Folder, model.Facts, plan.Precision), text!, plan.Calibration!, places, cancellationToken);
    }

    /// <summary>Where the bottleneck or a control of it needs what the calibration text does.</summary>
    private static IEnumerable<(int Layer, Site Site)> Places(OpenBottleneck bottleneck, ControlsPlan controls, int layers)
    {
        var matched = controls.NeedingCalibration().Any();
        var shifts = ShiftedSets.Shifts(bottleneck, layers, controls.OtherLayers ?? 0);
        foreach (var part in bottleneck.Parts)
        {
            if (matched || part.NeedsCalibration)
                yield return part.Place;
            if (part.Operation == Operation.MeanAblate)
            {
                foreach (var shift in shifts)
                    yield return (part.Layer + shift, part.Site);
            }
        }
    }
}
