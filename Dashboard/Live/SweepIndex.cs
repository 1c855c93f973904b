using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Live;

/// <summary>All sweeps, newest first, and how far those are that run.</summary>
internal sealed record SweepIndex
{
    public required IReadOnlyList<SweepRecord> Sweeps { get; init; }

    /// <summary>Of those that run here.</summary>
    public required IReadOnlyDictionary<string, SweepStatus> Running { get; init; }
}

/// <summary>Reads the index again and again.</summary>
internal sealed class SweepIndexReader(ISweepStore store, IGrainFactory grains, LiveScope scope, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Coordinators asked at once.</summary>
    private const int MostAsked = 50;

    public async Task<SweepIndex> ReadAsync(SweepIndex? before, CancellationToken cancellationToken)
    {
        var sweeps = await store.ListSweepsAsync(cancellationToken);
        var asked = sweeps.Where(sweep => !sweep.State.IsFinal() && sweep.State != SweepState.Paused && scope.Includes(sweep.Id)).Take(MostAsked);
        var running = (await Task.WhenAll(asked.Select(StatusAsync))).OfType<SweepStatus>().ToDictionary(status => status.SweepId, StringComparer.Ordinal);
        return before is not null && before.Sweeps.Select(Key).SequenceEqual(sweeps.Select(Key)) && before.Running.Count == running.Count
            && running.All(pair => before.Running.GetValueOrDefault(pair.Key) == pair.Value)
            ? before
            : new SweepIndex { Sweeps = sweeps, Running = running };
    }

    private static (string, SweepState, DateTimeOffset?) Key(SweepRecord sweep) => (sweep.Id, sweep.State, sweep.FinishedAt);

    /// <summary>Null: it does not answer now, and the list is not kept waiting for it.</summary>
    private async Task<SweepStatus?> StatusAsync(SweepRecord sweep)
    {
        try
        {
            return await grains.GetGrain<ISweepCoordinatorGrain>(sweep.Id).GetStatusAsync().WaitAsync(Patience, time);
        }
        catch (Exception exception) when (exception is TimeoutException or Orleans.Runtime.OrleansException)
        {
            return null;
        }
    }
}
