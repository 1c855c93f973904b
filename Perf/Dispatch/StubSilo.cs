using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sweep.Contracts.Diagnostics;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Json;
using Sweep.Hosting;
using Sweep.Hosting.Stores;

namespace Sweep.Perf.Dispatch;

/// <summary>One silo of the harness, a process of its own: a real one but for its work. A line on its input asks for what it saw since the last one; the end of its input ends it.</summary>
internal static class StubSilo
{
    public const string Ready = "ready";

    public static async Task<int> RunAsync(int workers)
    {
        var grants = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Meter.Name == SweepMeters.Workers && instrument.Name == "sweep.grant.duration")
                to.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (grants)
                grants.Add(seconds);
        });
        listener.Start();

        var builder = Host.CreateApplicationBuilder();
        var options = SweepSiloOptions.Read(builder.Configuration, silo => silo.Worker.Devices = [.. Enumerable.Range(0, workers).Select(index => $"cpu:{index}")]);
        await builder.AddSweepStoreAsync(options);
        var work = new StubWork();
        builder.Services.AddSingleton<IJobRunnerFactory>(work).AddSingleton<IPlanResolver>(work).AddSingleton<ISweepSummarizer>(work);
        builder.AddSweepSilo(options);
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine(Ready);
        while (await Console.In.ReadLineAsync() is not null)
        {
            double[] seen;
            lock (grants)
            {
                seen = [.. grants];
                grants.Clear();
            }

            using var self = Process.GetCurrentProcess();
            Console.WriteLine(JsonSerializer.Serialize(new SiloReport
            {
                Grants = seen,
                WorkingSetBytes = self.WorkingSet64,
                HeapBytes = GC.GetGCMemoryInfo().HeapSizeBytes,
                ProcessorSeconds = self.TotalProcessorTime.TotalSeconds,
            }, SweepJson.Options));
        }

        await host.StopAsync();
        return 0;
    }
}

/// <summary>What a silo saw.</summary>
internal sealed record SiloReport
{
    /// <summary>Seconds from a worker's question to its lease, one a grant.</summary>
    public required double[] Grants { get; init; }

    public required long WorkingSetBytes { get; init; }

    public required long HeapBytes { get; init; }

    public required double ProcessorSeconds { get; init; }
}
