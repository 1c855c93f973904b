using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Hosting.Clustering;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Postgres.Local;

namespace Sweep.Perf.Dispatch;

/// <summary>
/// Dispatch and recording without the work itself: one sweep on simulated workers of several silo processes, with the real scheduler, coordinator and store on a PostgreSQL server
/// of its own that writes durably.
/// </summary>
internal static class DispatchHarness
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(60);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (DispatchSettings.Parse(arguments, out var problem) is not { } settings)
        {
            Console.Error.WriteLine($"perf dispatch: {problem}");
            return 2;
        }

        using var stopping = new CancellationTokenSource(Patience);
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stopping.Cancel();
        };
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions { Durable = true, MaxConnections = 500 }, stopping.Token);
        var connectionString = await postgres.CreateDatabaseAsync("dispatch", stopping.Token);
        await PostgresSweepStore.MigrateAsync(connectionString, stopping.Token);
        var silos = new List<SiloProcess>();
        try
        {
            for (var share = 0; share < settings.Silos; share++)
                silos.Add(await SiloProcess.StartAsync(settings, share, connectionString, stopping.Token));
            using var client = await ConnectAsync(connectionString, stopping.Token);
            var run = await SweepAsync(settings, client, connectionString, silos, stopping.Token);
            SiloReport[] reports = await Task.WhenAll(silos.Select(silo => silo.ReportAsync(stopping.Token)));
            var result = DispatchResult.Of(settings, run, reports, [.. silos.Select(silo => silo.PeakBytes)], postgres.Description, Machine());
            Console.WriteLine(settings.Json ? JsonSerializer.Serialize(result, SweepJson.Options) : result.ToTable());
            await client.StopAsync(CancellationToken.None);
            return 0;
        }
        finally
        {
            await Task.WhenAll(silos.Select(silo => silo.DisposeAsync().AsTask()));
        }
    }

    private static async Task<IHost> ConnectAsync(string connectionString, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.AddSweepClient(options => (options.Clustering, options.ConnectionString) = ("postgres", connectionString));
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    private static async Task<DispatchRun> SweepAsync(
        DispatchSettings settings, IHost client, string connectionString, IReadOnlyList<SiloProcess> silos, CancellationToken cancellationToken)
    {
        var store = await PostgresSweepStore.OpenAsync(connectionString, cancellationToken);
        var plan = StubPlan.Plan("dispatch", "perf");
        var id = SweepIds.Of(plan);
        var calls = client.Services.GetRequiredService<PatientCalls>();
        var clock = Stopwatch.StartNew();
        await store.SubmitAsync(id, plan, "", cancellationToken);
        await calls.CallAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(id).StartAsync(), cancellationToken);
        var (running, recorded) = (TimeSpan.Zero, TimeSpan.Zero);
        while (true)
        {
            var status = await calls.CallAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(id).GetStatusAsync(), cancellationToken);
            if (running == TimeSpan.Zero && status.State is "Running" or "Completed")
                running = clock.Elapsed;
            if (recorded == TimeSpan.Zero && status.RowsTotal > 0 && status.RowsDone == status.RowsTotal)
                recorded = clock.Elapsed;
            foreach (var silo in silos)
                silo.Sample();
            if (status.State == "Completed" && status.Reason is null)
                return new DispatchRun(running, recorded, clock.Elapsed, status, await store.ReadCostAsync(id, cancellationToken));
            if (status.State is "Completed" or "Faulted" or "Canceled")
                throw new InvalidOperationException($"the sweep is {status.State}: {status.Reason}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    private static string Machine() => string.Create(
        CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the end");
}

/// <summary>The sweep's times since its submission, and how it ended.</summary>
internal sealed record DispatchRun(TimeSpan Running, TimeSpan Recorded, TimeSpan Completed, SweepStatus Status, SweepCost Cost);
