using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Store;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Workers;

/// <summary>
/// Runs the workers of this silo, one a device. When the process stops they are drained before anything else stops, so that they record, report and give back as ever.
/// </summary>
internal sealed partial class WorkerService(
    ILocalSiloDetails silo,
    IGrainFactory grains,
    IJobRunnerFactory runners,
    IPlanResolver resolver,
    ISweepSummarizer summarizer,
    ISweepStore store,
    ModelSupply supply,
    SiloWorkers workers,
    IOptions<WorkerOptions> options,
    WorkerMetrics metrics,
    TimeProvider time,
    ILogger<DeviceWorker> logger)
    : BackgroundService, IHostedLifecycleService
{
    private volatile bool _isStopping;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (ExecuteTask is not { } working)
            return;
        _isStopping = true;
        foreach (var worker in workers.All)
            worker.Drain();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(working, Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), time, bound.Token));
        await bound.CancelAsync();
        if (working.IsCompleted)
            return;
        LogDrainOver(options.Value.DrainSeconds);
        foreach (var worker in workers.All)
            worker.Abort();
        await working.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = options.Value.Devices.Select(device =>
        {
            var address = new WorkerAddress(silo.SiloAddress, device);
            var worker = new DeviceWorker(address, grains, runners, resolver, summarizer, store, supply, options.Value, metrics, time, logger);
            workers.Add(device, worker);
            // The host may be told to stop before it has come here.
            if (_isStopping)
                worker.Drain();
            return Task.Run(() => worker.RunAsync(stoppingToken), CancellationToken.None);
        }).ToList();
        try
        {
            await foreach (var ended in Task.WhenEach(running))
                await ended;
        }
        catch
        {
            // A worker that cannot run (its device is not there) ends the host now, not when all the others are done.
            foreach (var worker in workers.All)
                worker.Drain();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Micro-batches still run {Seconds} s after the silo was told to stop; they are given up")]
    private partial void LogDrainOver(double seconds);
}
