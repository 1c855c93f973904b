using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Live;

/// <summary>All workers that were heard of.</summary>
internal sealed record FleetSnapshot
{
    public required IReadOnlyList<FleetWorker> Workers { get; init; }
}

/// <summary>One device of one silo.</summary>
internal sealed record FleetWorker
{
    public required WorkerDescription Description { get; init; }

    /// <summary>Null: it does not answer.</summary>
    public WorkerStatus? Status { get; init; }

    /// <summary>Of the loaded model, as a sweep calls it; null: none is loaded.</summary>
    public string? Model { get; init; }

    /// <summary>In a word.</summary>
    public string State => Status switch
    {
        null => "does not answer",
        { BatchId: not null, Draining: true } => "busy, then drained",
        { BatchId: not null } => "busy",
        { Draining: true } => "drained",
        _ => "idle",
    };

    /// <summary>For how long it has had the batch that it runs, as it says; a worker that does not, as seen from here.</summary>
    public TimeSpan? BatchAge { get; init; }
}

/// <summary>Asks the scheduler which workers there are, and every one of them what it does.</summary>
internal sealed class FleetReader(ISweepStore store, IGrainFactory grains, TimeProvider time)
{
    private const long MemoryStep = 64L << 20;

    /// <summary>A killed silo answers nothing, and its cluster may take a while to know.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, (string Batch, long Since)> _batches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _models = new(StringComparer.Ordinal);

    public async Task<FleetSnapshot> ReadAsync(FleetSnapshot? before, CancellationToken cancellationToken)
    {
        var known = await grains.GetGrain<ISchedulerGrain>(0).ListWorkersAsync();
        var workers = new List<FleetWorker>();
        foreach (var (description, status) in known.Zip(await Task.WhenAll(known.Select(StatusAsync))))
        {
            workers.Add(new FleetWorker
            {
                Description = description,
                Status = status is null ? null : Coarse(status),
                Model = (status?.ResidentModel ?? description.ResidentModel) is { } hash ? await ModelAsync(hash, status?.BatchId, cancellationToken) : null,
                BatchAge = status?.LeaseSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Floor(seconds)) : Age(description.WorkerId, status?.BatchId),
            });
        }

        return before is not null && before.Workers.SequenceEqual(workers) ? before : new FleetSnapshot { Workers = workers };
    }

    private async Task<WorkerStatus?> StatusAsync(WorkerDescription worker)
    {
        try
        {
            return await grains.GetGrain<IGpuWorkerGrain>(worker.WorkerId).GetStatusAsync().WaitAsync(Patience, time);
        }
        catch (Exception exception) when (exception is TimeoutException or Orleans.Runtime.OrleansException)
        {
            return null;
        }
    }

    /// <summary>As finely as it is shown: nobody is sent a page again because a process took some pages more.</summary>
    private static WorkerStatus Coarse(WorkerStatus status) => status with
    {
        LeaseSeconds = status.LeaseSeconds is { } seconds ? Math.Floor(seconds) : null,
        DeviceMemoryInUse = status.DeviceMemoryInUse is { } bytes ? Coarse(bytes) : null,
        ProcessMemory = Coarse(status.ProcessMemory),
    };

    private static long Coarse(long bytes) => bytes / MemoryStep * MemoryStep;

    /// <summary>Whole seconds: what is shown.</summary>
    private TimeSpan? Age(string workerId, string? batchId)
    {
        if (batchId is null)
        {
            _batches.Remove(workerId);
            return null;
        }

        if (!_batches.TryGetValue(workerId, out var seen) || seen.Batch != batchId)
            _batches[workerId] = seen = (batchId, time.GetTimestamp());
        return TimeSpan.FromSeconds(Math.Floor(time.GetElapsedTime(seen.Since).TotalSeconds));
    }

    /// <summary>The name that the sweep of its batch has for a hash; without one the hash.</summary>
    private async Task<string> ModelAsync(string hash, string? batchId, CancellationToken cancellationToken)
    {
        if (!_models.TryGetValue(hash, out var name) && batchId?.LastIndexOf('/') is > 0 and var end && await store.LoadResolutionAsync(batchId[..end], cancellationToken) is { } resolved)
        {
            foreach (var model in resolved.Models)
                _models[model.WeightsHash] = model.Name;
            name = _models.GetValueOrDefault(hash);
        }

        return name ?? hash[..Math.Min(12, hash.Length)];
    }
}
