using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Output;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Identification;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>The part of an identification that takes long, as a sweep in this process: the impact of every channel, by several workers, and continued where it stopped.</summary>
internal static class MeasuredIdentify
{
    /// <returns>Null: everything is measured; else what the command ends with.</returns>
    public static async Task<int?> MeasureAsync(IdentifyRequest request, string storePath, int workers, string device, CancellationToken cancellationToken)
    {
        DeviceName.RequireFor(device, workers);
        var options = new EmbeddedOptions { StorePath = storePath, Workers = workers, Device = device, Roots = [Directory.GetCurrentDirectory()] };
        SweepPlan? plan;
        await using (var services = EmbeddedSweep.CreateServices(options))
            plan = await services.GetRequiredService<IIdentifier>().PlanAsync(request, cancellationToken);
        if (plan is null)
            return null;
        var stage = ImpactStages.Of(plan)!;
        var id = SweepIds.Of(stage);
        SweepState? final;
        ISweepStore store;
        await using (var embedded = await EmbeddedSweep.StartAsync(options, CancellationToken.None))
        {
            store = embedded.Store;
            await OtherNumerics.RefuseAsync(stage, store, options, cancellationToken);
            await ChangedFiles.RefuseAsync(stage, id, store, options, cancellationToken);
            var before = await embedded.SubmitAsync(stage, JsonSerializer.Serialize(stage, SweepJson.Indented), CancellationToken.None);
            final = before.State == SweepState.Completed ? SweepState.Completed : await new ProgressReporter(embedded, id, Console.Error, withLog: false).FollowAsync(cancellationToken);
        }

        switch (final)
        {
            case SweepState.Completed:
                return null;
            case null:
                var rows = (await store.ReadCostAsync(id, CancellationToken.None)).Rows;
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"sweep: stopped, {rows:N0} item rows are recorded; the same command continues"));
                return ExitCode.Interrupted;
            default:
                var sweep = await store.FindSweepAsync(id, CancellationToken.None);
                await Console.Error.WriteLineAsync($"sweep: {id} {final.ToString()!.ToLowerInvariant()}: {sweep?.Reason}");
                return ExitCode.Failed;
        }
    }
}
