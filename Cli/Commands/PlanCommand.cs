using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Hub;
using Sweep.Cli.Output;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Planning;
using Sweep.Execution.Planning.Search;
using Sweep.Grains.Dispatch;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep plan FILE`: what a plan would run, without running it.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("plan") { Description = "A plan, YAML or JSON." };
        var noCalibrate = new Option<bool>("--no-calibrate") { Description = "Only count; recipes that need a model run are not resolved." };
        var items = CommonOptions.Items();
        var device = CommonOptions.Device();
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("plan", "Check a plan and print its jobs, batches, estimated work and the effects it can find.") { file, noCalibrate, items, device, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = EmbeddedSweep.PlannerOptions();
            var path = parsed.GetValue(file)!;
            var (plan, _) = CommonOptions.ReadPlan(path, parsed.GetValue(items));
            var results = await parsed.GetValue(store)!.OpenOrCreateAsync(cancellationToken);
            await HubModels.FetchAsync(plan, results, EmbeddedSweep.HubSettings(), cancellationToken);
            await using var services = EmbeddedSweep.CreateServices(results, new EmbeddedOptions { Roots = CommonOptions.RootsOf(path), Device = parsed.GetValue(device)! });
            // Of a search the stages; what the last one will run is not known yet, but how much at most.
            // Recipes over items take a sweep: which channels they choose is not known before that has run, but how many.
            var resolver = services.GetRequiredService<IPlanResolver>();
            var grid = await resolver.ResolveAsync(plan with { Search = null }, !parsed.GetValue(noCalibrate) && !ImpactStages.AreNeeded(plan), cancellationToken);
            var impacts = ImpactStages.Of(plan) is { } measuring
                ? new StageEstimate(SweepIds.Of(measuring), await EstimateAsync(measuring, await resolver.ResolveAsync(measuring, calibrate: false, cancellationToken), []))
                : null;
            var search = PlannedSearch.Of(plan, grid);
            var stages = new List<StageEstimate>();
            foreach (var stage in search?.Stages ?? [])
                stages.Add(new StageEstimate(SweepIds.Of(stage.Plan), await EstimateAsync(stage.Plan, stage.Added(), stage.Known())));
            var estimate = await EstimateAsync(plan, search?.Frozen ?? grid, []);
            if (plan.Budget.Jobs is { } budget && stages.Select(stage => stage.Work.Jobs).Append(estimate.Jobs).Max() is var jobs && jobs > budget)
                throw new WrongInputException($"{path}: budget.jobs: found {jobs} jobs in the plan, expected at most the {budget} of its budget");
            var power = PlanPower.Of(grid);
            if (parsed.GetValue(json))
                Console.WriteLine(Json(plan, estimate, power, impacts, search, stages));
            else
                PlanView.Print(plan, grid, estimate, power, options.MultiplyAddsPerSecond, impacts, search, stages);
            return ExitCode.Done;

            // What an earlier stage will have recorded is neither to run nor recorded already.
            async Task<WorkloadEstimate> EstimateAsync(SweepPlan ofPlan, ResolvedPlan resolved, IEnumerable<(JobId Job, int Benchmark)> known)
            {
                var recorded = await RecordedAsync(results, ofPlan, resolved, cancellationToken);
                var done = recorded.Concat(known).ToHashSet();
                var work = WorkloadEstimate.Of(ofPlan, resolved, options, (job, benchmark) => done.Contains((job, benchmark)));
                return work with { RowsRecorded = recorded.Sum(job => (long)resolved.Benchmarks[job.Benchmark].Items.Count) };
            }
        });
        return command;
    }

    /// <summary>The jobs, by benchmark, that the ledger holds on all their items.</summary>
    private static async Task<HashSet<(JobId Job, int Benchmark)>> RecordedAsync(ISweepStore store, SweepPlan plan, ResolvedPlan resolved, CancellationToken cancellationToken)
    {
        var recorded = new HashSet<(JobId, int)>();
        foreach (var ofBenchmark in PlanExpander.Jobs(plan, resolved).GroupBy(pair => pair.Benchmark, pair => pair.Job.Id))
        {
            var items = resolved.Benchmarks[ofBenchmark.Key].Items.Select(item => item.Id).ToArray();
            var counts = await store.CountRecordedAsync([.. ofBenchmark], items, cancellationToken);
            recorded.UnionWith(counts.Where(pair => pair.Value >= items.Length).Select(pair => (pair.Key, ofBenchmark.Key)));
        }

        return recorded;
    }

    private static string Json(SweepPlan plan, WorkloadEstimate estimate, PlanPower power, StageEstimate? impacts, PlannedSearch? search, IReadOnlyList<StageEstimate> stages)
    {
        var root = new JsonObject { ["sweep"] = SweepIds.Of(plan) };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(estimate, SweepJson.Options)!.AsObject())
            root[name] = value?.DeepClone();
        root["power"] = JsonSerializer.SerializeToNode(power, SweepJson.Options);
        if (impacts is not null)
            root["impacts"] = JsonSerializer.SerializeToNode(impacts, SweepJson.Options);
        if (search is not null)
            (root["search"], root["stages"]) = (JsonSerializer.SerializeToNode(search.Record, SweepJson.Options), JsonSerializer.SerializeToNode(stages, SweepJson.Options));
        return root.ToJsonString(SweepJson.Indented);
    }
}
