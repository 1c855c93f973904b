using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Output;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli.Running;

/// <summary>Runs one plan to its end in this process and prints its table.</summary>
internal sealed class SweepRun(PlanFile file, EmbeddedOptions options, bool json, string continueCommand)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var sweeps = await EmbeddedSweeps.StartAsync(options, cancellationToken);
        string? id = null;
        try
        {
            // Every problem of every file at once, before anything is stored.
            await sweeps.Services.GetRequiredService<IPlanResolver>().ResolveAsync(file.Plan, calibrate: false, cancellationToken);
            id = (await sweeps.SubmitAsync(file.Plan, file.Text, cancellationToken)).Id;
            var last = await WatchAsync(sweeps, id, cancellationToken);
            return await ReportAsync(sweeps.Store, id, last);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine(id is null ? "sweep: stopped before anything was stored" : $"sweep: {id} keeps what it has; continue with:\n  {continueCommand}");
            return ExitCodes.Interrupted;
        }
    }

    private static async Task<SweepStatus> WatchAsync(EmbeddedSweeps sweeps, string id, CancellationToken cancellationToken)
    {
        SweepStatus? last = null;
        using var display = ProgressDisplay.Start();
        await foreach (var status in sweeps.WatchAsync(id, Period, cancellationToken))
        {
            last = status;
            display.Show(status);
        }

        return last ?? throw new InvalidOperationException($"{id}: no status came");
    }

    private async Task<int> ReportAsync(ISweepStore store, string id, SweepStatus last)
    {
        if (await store.LoadSummaryAsync(id, CancellationToken.None) is { } summary)
            await SummaryPrinter.PrintAsync(store, summary, json);
        if (last.State == nameof(SweepState.Completed))
            return ExitCodes.Ok;
        Console.Error.WriteLine($"sweep: {id} is {last.State}: {last.Reason ?? "no reason is known"}");
        return ExitCodes.Failed;
    }
}
