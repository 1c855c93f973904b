using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Store;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Workers;

/// <summary>The workers of this silo, one a device. Stopping it drains them while the silo still answers.</summary>
internal sealed class WorkerService(
    ILocalSiloDetails silo, IGrainFactory grains, IJobRunnerFactory runners, IPlanResolver resolver, ISweepSummarizer summarizer, ISweepStore store, IOptions<WorkerOptions> options, TimeProvider time, ILogger<DeviceWorker> logger)
    : BackgroundService
{
    private readonly ConcurrentDictionary<string, DeviceWorker> _workers = new(StringComparer.Ordinal);

    public DeviceWorker? Find(string device) => _workers.GetValueOrDefault(device);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(options.Value.Devices.Select(device =>
    {
        var worker = new DeviceWorker(new WorkerAddress(silo.SiloAddress, device), grains, runners, resolver, summarizer, store, options.Value, time, logger);
        _workers[device] = worker;
        return Task.Run(() => worker.RunAsync(stoppingToken), CancellationToken.None);
    }));
}
