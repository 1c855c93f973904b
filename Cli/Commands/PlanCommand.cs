using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using Sweep.Cli.Output;
using Sweep.Cli.Running;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>Says what a plan would cost.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var plan = CliOptions.Plan();
        var items = CliOptions.Items();
        var store = CliOptions.Store();
        var roots = CliOptions.Roots();
        var json = CliOptions.Json();
        var noCalibrate = new Option<bool>("--no-calibrate") { Description = "Only count; recipes that need a model run are not run." };
        var command = new Command("plan", "Print a plan's jobs, batches, estimated work and what shared prefixes save, without running jobs.") { plan, items, noCalibrate, store, roots, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = PlanFile.Read(parsed.GetRequiredValue(plan), parsed.GetValue(items), parsed.GetValue(roots));
            var options = new EmbeddedOptions { StorePath = parsed.GetRequiredValue(store), Roots = [.. file.Roots] };
            await using var sweeps = await EmbeddedSweeps.StartAsync(options, cancellationToken);
            var resolved = await sweeps.Services.GetRequiredService<IPlanResolver>().ResolveAsync(file.Plan, calibrate: !parsed.GetValue(noCalibrate), cancellationToken);
            var recorded = await RecordedAsync(sweeps.Store, file.Plan, resolved, cancellationToken);
            var estimate = WorkloadEstimate.Of(file.Plan, resolved, new BatchPlannerOptions(), (job, benchmark) => recorded.Contains((job.Value, benchmark)));
            if (parsed.GetValue(json))
                JsonOutput.Write(new { Sweep = SweepIds.Of(file.Plan), Estimate = estimate, Resolved = resolved });
            else
                Print(file.Plan, resolved, estimate);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Jobs that the ledger holds on all items of their benchmark.</summary>
    private static async Task<HashSet<(string Job, int Benchmark)>> RecordedAsync(ISweepStore store, SweepPlan plan, ResolvedPlan resolved, CancellationToken cancellationToken)
    {
        var complete = new HashSet<(string, int)>();
        foreach (var jobs in PlanExpander.Jobs(plan, resolved).GroupBy(pair => pair.Benchmark, pair => pair.Job.Id))
        {
            var items = resolved.Benchmarks[jobs.Key].Items.Select(item => item.Id).ToArray();
            foreach (var (job, count) in await store.CountRecordedAsync([.. jobs], items, cancellationToken))
            {
                if (count == items.Length)
                    complete.Add((job.Value, jobs.Key));
            }
        }

        return complete;
    }

    private static void Print(SweepPlan plan, ResolvedPlan resolved, WorkloadEstimate estimate)
    {
        var benchmarks = new Table().SimpleBorder().AddColumns("benchmark", "items", "selection", "validation", "test", "longest prompt, tokens");
        foreach (var benchmark in resolved.Benchmarks)
        {
            string Count(ItemSplit split) => Whole(benchmark.Items.Count(item => item.Split == split));
            benchmarks.AddRow(
                new Text(benchmark.Name), new Text(Whole(benchmark.Items.Count)), new Text(Count(ItemSplit.Selection)), new Text(Count(ItemSplit.Validation)), new Text(Count(ItemSplit.Test)),
                new Text(Whole(benchmark.Items.Select(item => item.PromptTokens.DefaultIfEmpty().Max()).DefaultIfEmpty().Max())));
        }

        var bottlenecks = new Table().SimpleBorder().AddColumns("model", "bottleneck", "recipe", "layer", "site", "channels", "scalars", "controls");
        foreach (var bottleneck in resolved.Bottlenecks.Where(bottleneck => bottleneck.Role == BottleneckRole.Bottleneck))
        {
            var controls = resolved.Bottlenecks.Count(other => other.Role == BottleneckRole.Control && other.Model == bottleneck.Model && other.Name == bottleneck.Name);
            bottlenecks.AddRow(
                new Text(resolved.Models[bottleneck.Model].Name), new Text(bottleneck.Name), new Text(bottleneck.Recipe),
                new Text(string.Join(' ', bottleneck.Interventions.Select(part => part.Layer))), new Text(string.Join(' ', bottleneck.Interventions.Select(part => part.Site).Distinct())),
                new Text(Whole(bottleneck.Interventions.Sum(part => part.Channels.Count))), new Text(Whole(bottleneck.Scalars.Count)), new Text(Whole(controls)));
        }

        Terminal.Output.Write(benchmarks);
        Terminal.Output.Write(bottlenecks);
        Console.Out.WriteLine($"{SweepIds.Of(plan)}: {Whole(estimate.Jobs)} jobs, {Whole(estimate.Batches)} batches, {Whole(estimate.MicroBatches)} micro-batches, {Whole(estimate.Rows)} items to run, {Whole(estimate.RowsRecorded)} recorded already");
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{estimate.MultiplyAdds:0.00e0} multiply-adds in the blocks, about {estimate.Seconds:0} s on one device; shared prefixes save {100 * estimate.SavedShare:0} % of {estimate.MultiplyAddsAlone:0.00e0}"));
    }

    private static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
