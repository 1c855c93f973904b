using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Workers;

/// <summary>
/// Sees to it that a sweep's models are on this machine before its workers ask for work of it: a lease would run out, or keep a batch from workers that have the model. What is fetched is
/// fetched beside other work.
/// </summary>
internal sealed partial class ModelSupply(ISweepStore store, IModelFetcher fetcher, TimeProvider time, ILogger<ModelSupply> logger) : IDisposable
{
    /// <summary>Sweeps that are remembered; what is forgotten is read again.</summary>
    private const int MostSweeps = 10_000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Supply> _sweeps = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Sweeps whose models are on their way, or could not be had a moment ago.</summary>
    public IReadOnlyList<string> Fetching => [.. _sweeps.Where(pair => pair.Value.IsWaiting(time)).Select(pair => pair.Key).Order(StringComparer.Ordinal)];

    /// <summary>Whether the sweep may be asked for work; where its models are not here, fetching them begins.</summary>
    public async ValueTask<bool> IsReadyAsync(string sweepId, CancellationToken cancellationToken)
    {
        if (_sweeps.Count > MostSweeps)
            _sweeps.Clear();
        if (!_sweeps.TryGetValue(sweepId, out var supply))
        {
            var sweep = await store.FindSweepAsync(sweepId, cancellationToken);
            supply = _sweeps.GetOrAdd(sweepId, new Supply([.. (sweep?.Plan.Models ?? []).Where(HubModel.IsNamedBy)]));
        }

        if (supply.Models.Count == 0)
            return true;
        if (!supply.IsResolved && await store.LoadResolutionAsync(sweepId, cancellationToken) is { } resolved)
            supply.Resolve([.. resolved.Models.Select(model => model.Path).Where(HubModel.IsNamedBy)]);
        if (fetcher.AreHere(supply.Models))
            return true;

        // What a plan names and cannot be had, its resolution says: that is work, too.
        if (!supply.IsResolved && supply.HasFailed)
            return true;
        supply.Begin(time, () => FetchAsync(sweepId, supply));
        return false;
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task FetchAsync(string sweepId, Supply supply)
    {
        var models = supply.Models;
        var names = string.Join(", ", models);
        try
        {
            LogFetching(sweepId, names);
            await Task.Run(() => fetcher.FetchAsync(models, _stopping.Token), _stopping.Token);
            LogFetched(sweepId, names);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo stops; what came is kept.
        }
        catch (Exception exception)
        {
            LogNotFetched(sweepId, exception.Message);
            supply.Fail(time.GetTimestamp());
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Sweep {SweepId}: fetching {Models} before asking for its work")]
    private partial void LogFetching(string sweepId, string models);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sweep {SweepId}: {Models} fetched")]
    private partial void LogFetched(string sweepId, string models);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId}: its models cannot be fetched ({Reason}); this silo takes no work of it for a minute")]
    private partial void LogNotFetched(string sweepId, string reason);

    /// <summary>A sweep's models of a hub, and how it stands with them. Workers of one silo may ask at once.</summary>
    private sealed class Supply(IReadOnlyList<string> models)
    {
        private readonly Lock _lock = new();
        private Task _fetching = Task.CompletedTask;
        private long? _failed;

        public IReadOnlyList<string> Models { get; private set; } = models;

        /// <summary>The models are those of the resolution: commits, no branches.</summary>
        public bool IsResolved { get; private set; }

        public bool HasFailed => _failed is not null;

        public bool IsWaiting(TimeProvider time)
        {
            lock (_lock)
                return Waits(time);
        }

        public void Resolve(IReadOnlyList<string> pinned)
        {
            lock (_lock)
                (Models, IsResolved, _failed) = (pinned, true, null);
        }

        public void Begin(TimeProvider time, Func<Task> fetch)
        {
            lock (_lock)
            {
                if (!Waits(time))
                    _fetching = fetch();
            }
        }

        public void Fail(long at)
        {
            lock (_lock)
                _failed = at;
        }

        private bool Waits(TimeProvider time) => !_fetching.IsCompleted || (IsResolved && _failed is { } since && time.GetElapsedTime(since) < RetryAfter);
    }
}
