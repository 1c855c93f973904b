using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Live;

/// <summary>The feeds of this server: one a sweep, and one each for the list, the workers and the queue, however many look at them.</summary>
internal sealed class SweepFeeds(ISweepStore store, IGrainFactory grains, LiveScope scope, TimeProvider time, ILoggerFactory loggers)
{
    private const int MostKept = 64;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan ListInterval = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, SharedFeed<SweepSnapshot>> _sweeps = new(StringComparer.Ordinal);
    private readonly ILogger _logger = loggers.CreateLogger("Sweep.Dashboard.Live");
    private SharedFeed<SweepIndex>? _index;
    private SharedFeed<FleetSnapshot>? _fleet;
    private SharedFeed<QueueSnapshot>? _queue;
    private SharedFeed<BrokerQueues>? _broker;

    public SharedFeed<SweepIndex> Index => LazyInitializer.EnsureInitialized(ref _index, () => Feed<SweepIndex>(new SweepIndexReader(store, grains, scope, time).ReadAsync, ListInterval));

    public SharedFeed<FleetSnapshot> Fleet => LazyInitializer.EnsureInitialized(ref _fleet, () => Feed<FleetSnapshot>(new FleetReader(store, grains, time).ReadAsync, Interval));

    public SharedFeed<QueueSnapshot> Queue => LazyInitializer.EnsureInitialized(ref _queue, () => Feed<QueueSnapshot>(new QueueReader(store).ReadAsync, ListInterval));

    public SharedFeed<BrokerQueues> Broker => LazyInitializer.EnsureInitialized(ref _broker, () => Feed<BrokerQueues>(new BrokerReader(grains).ReadAsync, ListInterval));

    public SharedFeed<SweepSnapshot> Of(string sweepId)
    {
        // A visitor who tries ids does not fill the memory.
        if (_sweeps.Count >= MostKept)
        {
            foreach (var (id, _) in _sweeps.Where(feed => feed.Key != sweepId && feed.Value.Viewers == 0))
                _sweeps.TryRemove(id, out _);
        }

        return _sweeps.GetOrAdd(sweepId, id => Feed<SweepSnapshot>(new SweepReader(id, store, grains, scope, time).ReadAsync, Interval));
    }

    /// <summary>Null: nobody has asked for it.</summary>
    public SharedFeed<SweepSnapshot>? Find(string sweepId) => _sweeps.GetValueOrDefault(sweepId);

    /// <summary>There is no such sweep.</summary>
    public void Forget(string sweepId)
    {
        if (Find(sweepId) is { Viewers: 0 })
            _sweeps.TryRemove(sweepId, out _);
    }

    private SharedFeed<T> Feed<T>(Func<T?, CancellationToken, Task<T>> read, TimeSpan interval)
        where T : class => new(read, interval, time, _logger);
}
