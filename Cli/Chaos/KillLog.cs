using Sweep.Hosting.Clustering.Local;

namespace Sweep.Cli.Chaos;

/// <summary>The kills, and how long their batches waited for another worker.</summary>
internal sealed class KillLog
{
    private readonly List<KillRecord> _records = [];
    private readonly Dictionary<int, IReadOnlyDictionary<string, long>> _waiting = [];

    public IReadOnlyList<KillRecord> Records => _records;

    public int Counted => _records.Count(record => record.Counts);

    /// <param name="victim">Its process is gone.</param>
    /// <param name="before">Leases as they were when it was chosen.</param>
    /// <param name="after">Leases as they are now: what it has ended in its last moment was no live lease.</param>
    /// <param name="seconds">Since the submission.</param>
    public KillRecord Add(LocalSilo victim, LeaseView before, LeaseView after, double seconds)
    {
        var held = before.HeldBy(victim.Owns).Where(pair => after.IsLeased(pair.Key, pair.Value)).ToDictionary(StringComparer.Ordinal);
        var record = new KillRecord { Victim = victim.Name, AtSeconds = seconds, Batches = [.. held.Keys.Order(StringComparer.Ordinal)] };
        if (record.Counts)
            _waiting.Add(_records.Count, held);
        _records.Add(record);
        return record;
    }

    /// <summary>Notes which of the waiting batches were leased again.</summary>
    public void Look(LeaseView now, double seconds)
    {
        foreach (var (index, _) in _waiting.Where(kill => now.AreReleased(kill.Value)).ToList())
        {
            _records[index] = _records[index] with { SecondsToRelease = seconds - _records[index].AtSeconds };
            _waiting.Remove(index);
        }
    }
}
