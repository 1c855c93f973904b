using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli.Replaying;

/// <summary>Runs jobs again as a worker runs them, without a silo and without writing anything.</summary>
internal sealed class JobReplay : IAsyncDisposable
{
    private const int ItemsAtOnce = 32;
    private readonly ServiceProvider _services;
    private readonly Dictionary<string, IJobRunner> _runners = new(StringComparer.Ordinal);

    /// <param name="store">Holds calibrations.</param>
    /// <param name="roots">Where the plans' files are looked up.</param>
    public JobReplay(ISweepStore store, IReadOnlyList<string> roots) => _services = EmbeddedSweep.CreateServices(store, new EmbeddedOptions { Roots = roots });

    /// <summary>The job's rows of these items, from the first device here of the job's kind.</summary>
    /// <exception cref="JobFaultedException">It cannot be run here; the message says why.</exception>
    public async Task<IReadOnlyList<ItemResult>> RunAsync(JobSpec job, IReadOnlyList<string> items, CancellationToken cancellationToken)
    {
        var batch = new JobBatch
        {
            Id = "replay/000000",
            SweepId = "replay",
            Jobs = [job],
            ItemIds = items,
            MicroBatches = [.. items.Chunk(ItemsAtOnce).Select((chunk, index) => new MicroBatch { FirstItem = index * ItemsAtOnce, ItemCount = chunk.Length, FirstJob = 0, JobCount = 1 })],
        };
        var rows = new List<ItemResult>();
        await foreach (var micro in Runner(job).RunAsync(batch, new HashSet<(JobId, string)>(), cancellationToken))
            rows.AddRange(micro.Rows);
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners.Values)
            await runner.DisposeAsync();
        await _services.DisposeAsync();
    }

    private IJobRunner Runner(JobSpec job)
    {
        var device = NumericsIds.KindOf(job.Identity.NumericsId) == "cuda" ? "cuda:0" : "cpu:0";
        return _runners.TryGetValue(device, out var known) ? known : _runners[device] = _services.GetRequiredService<IJobRunnerFactory>().Create(device);
    }
}
