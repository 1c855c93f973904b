using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using Sweep.Cli.Output;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep show SWEEP`: the table of a sweep.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("show", "Print a sweep's results.") { sweep, latest, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var results = await parsed.GetValue(store)!.OpenAsync(cancellationToken);
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            return await PrintAsync(results, found, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    /// <summary>The answer as the rows give it now.</summary>
    public static async Task<SweepSummary> SummarizeAsync(ISweepStore store, string sweepId, CancellationToken cancellationToken)
    {
        await using var services = EmbeddedSweep.CreateServices(store, new EmbeddedOptions());
        return await services.GetRequiredService<ISweepSummarizer>().SummarizeAsync(sweepId, cancellationToken);
    }

    public static async Task<int> PrintAsync(ISweepStore store, SweepRecord sweep, bool json, CancellationToken cancellationToken)
    {
        if (await store.LoadResolutionAsync(sweep.Id, cancellationToken) is null)
            throw new WrongInputException($"{sweep.Id}: found no results (it is {sweep.State.ToString().ToLowerInvariant()}{(sweep.Reason is null ? "" : $": {sweep.Reason}")}), expected a sweep that has begun to run");
        var summary = await store.LoadSummaryAsync(sweep.Id, cancellationToken) ?? await SummarizeAsync(store, sweep.Id, cancellationToken);
        if (json)
            Console.WriteLine(SummaryJson.Of(summary));
        else
            SummaryView.Print(AnsiConsole.Console, summary, sweep, await store.ReadCostAsync(sweep.Id, cancellationToken));

        // A completed sweep with a reason lacks what its quarantined or faulted batches would have given.
        return sweep is { State: SweepState.Faulted or SweepState.Canceled } or { State: SweepState.Completed, Reason: not null } ? ExitCode.Failed : ExitCode.Done;
    }
}
