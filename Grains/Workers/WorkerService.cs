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
    ILocalSiloDetails silo,
    IDeviceFacts facts,
    IGrainFactory grains,
    IJobRunnerFactory runners,
    IPlanResolver resolver,
    ISweepSummarizer summarizer,
    ISweepStore store,
    IOptions<WorkerOptions> options,
    TimeProvider time,
    ILogger<DeviceWorker> logger)
    : BackgroundService
{
    private readonly ConcurrentDictionary<string, DeviceWorker> _workers = new(StringComparer.Ordinal);

    public DeviceWorker? Find(string device) => _workers.GetValueOrDefault(device);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = options.Value.Devices.Select(device =>
        {
            var address = new WorkerAddress(silo.SiloAddress, device);
            var worker = new DeviceWorker(address, facts.Of(device), grains, runners, resolver, summarizer, store, options.Value, time, logger);
            _workers[device] = worker;
            return Task.Run(() => worker.RunAsync(stoppingToken), CancellationToken.None);
        }).ToList();
        // A worker that cannot run (its device is not there) ends the host at once, not when all the others are done.
        await foreach (var ended in Task.WhenEach(running))
            await ended;
    }
}
