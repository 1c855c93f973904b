using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Output;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Json;
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
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("plan", "Check a plan and print its jobs, batches and estimated work.") { file, noCalibrate, items, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(file)!;
            var (plan, _) = CommonOptions.ReadPlan(path, parsed.GetValue(items));
            var results = await parsed.GetValue(store)!.OpenOrCreateAsync(cancellationToken);
            await using var services = EmbeddedSweep.CreateServices(results, new EmbeddedOptions { Roots = CommonOptions.RootsOf(path) });
            var resolved = await services.GetRequiredService<IPlanResolver>().ResolveAsync(plan, !parsed.GetValue(noCalibrate), cancellationToken);
            var estimate = WorkloadEstimate.Of(plan, resolved, new BatchPlannerOptions());
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(estimate, SweepJson.Indented));
            else
                PlanView.Print(plan, resolved, estimate);
            return ExitCode.Done;
        });
        return command;
    }
}
