using System.Diagnostics;
using System.Text.Json;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Store;

namespace Sweep.Perf.Dispatch;

/// <summary>Dispatch and recording without the work itself: one sweep, one coordinator.</summary>
internal static class DispatchHarness
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (DispatchSettings.Parse(arguments, out var problem) is not { } settings)
        {
            Console.Error.WriteLine($"perf dispatch: {problem}");
            return 2;
        }

        await using var cluster = await StubCluster.StartAsync(settings.Silos, settings.Workers, new Dictionary<string, string>(), cancellationToken);
        // Code is compiled when it first runs, in every silo: what is measured is a cluster that has been up for a while.
        await SweepAsync(cluster, new StubSweep("warm-up", DispatchResult.WarmUpJobs, settings.Items, TimeSpan.Zero), cancellationToken);
        await cluster.ReportAsync(cancellationToken);
        var run = await SweepAsync(cluster, new StubSweep("dispatch", settings.Jobs, settings.Items, settings.Work), cancellationToken);
        var reports = await cluster.ReportAsync(cancellationToken);
        var result = DispatchResult.Of(settings, run, reports, [.. cluster.Silos.Select(silo => silo.PeakBytes)], cluster.StoreDescription, StubCluster.Machine);
        Console.WriteLine(settings.Json ? JsonSerializer.Serialize(result, SweepJson.Options) : result.ToTable());
        return 0;
    }

    private static async Task<DispatchRun> SweepAsync(StubCluster cluster, StubSweep sweep, CancellationToken cancellationToken)
    {
        var (clock, start) = (Stopwatch.StartNew(), DateTimeOffset.UtcNow);
        var id = await cluster.SubmitAsync(sweep, "perf", cancellationToken);
        var (running, recorded) = (TimeSpan.Zero, TimeSpan.Zero);
        while (true)
        {
            var status = await cluster.GetStatusAsync(id, cancellationToken);
            if (running == TimeSpan.Zero && status.State is "Running" or "Completed")
                running = clock.Elapsed;
            if (recorded == TimeSpan.Zero && status.RowsTotal > 0 && status.RowsDone == status.RowsTotal)
                recorded = clock.Elapsed;
            foreach (var silo in cluster.Silos)
                silo.Sample();
            if (status.State == "Completed" && status.Reason is null)
            {
                var held = await cluster.HeldAsync(start, DateTimeOffset.UtcNow, cancellationToken);
                return new DispatchRun(running, recorded, clock.Elapsed, status, await cluster.Store.ReadCostAsync(id, cancellationToken), held[id]);
            }


            if (status.State is "Completed" or "Faulted" or "Canceled")
                throw new HarnessException($"the sweep is {status.State}: {status.Reason}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }
}

/// <summary>The sweep's times since its submission, and how it ended.</summary>
internal sealed record DispatchRun(TimeSpan Running, TimeSpan Recorded, TimeSpan Completed, SweepStatus Status, SweepCost Cost, double HeldSeconds);
