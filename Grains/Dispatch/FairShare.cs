using Sweep.Contracts.Grains;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Whose turn it is: the owner with the fewest device-seconds, of that owner's sweeps those of the highest priority, of these the one with the fewest device-seconds per weight.
/// Who comes new or again starts level with the least served, so that nobody catches up on time when they wanted nothing.
/// </summary>
internal sealed class FairShare
{
    private readonly Dictionary<string, Account> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SweepAccount> _sweeps = new(StringComparer.Ordinal);
    private long _turn;

    public void Announce(SweepDemand demand)
    {
        if (!_sweeps.TryGetValue(demand.SweepId, out var sweep))
            _sweeps.Add(demand.SweepId, sweep = new SweepAccount { Demand = demand with { HasPendingWork = false } });
        if (!_owners.TryGetValue(demand.Owner, out var owner))
            _owners.Add(demand.Owner, owner = new Account());
        if (demand.HasPendingWork && !sweep.Demand.HasPendingWork)
        {
            var others = Waiting.Where(other => other.Demand.Owner != demand.Owner).ToList();
            if (others.Count > 0 && !Waiting.Any(other => other.Demand.Owner == demand.Owner))
                owner.Used = Math.Max(owner.Used, others.Min(other => _owners[other.Demand.Owner].Used));
            var siblings = Waiting.Where(other => other.Demand.Owner == demand.Owner).ToList();
            if (siblings.Count > 0)
                sweep.Used = Math.Max(sweep.Used, siblings.Min(other => other.Used));
        }

        sweep.Demand = demand;
    }

    /// <summary>Device-seconds that a sweep used.</summary>
    public void Charge(string sweepId, double deviceSeconds)
    {
        if (!_sweeps.TryGetValue(sweepId, out var sweep))
            return;
        sweep.Used += deviceSeconds / sweep.Demand.Weight;
        _owners[sweep.Demand.Owner].Used += deviceSeconds;
    }

    public void Withdraw(string sweepId)
    {
        if (_sweeps.Remove(sweepId, out var sweep) && !_sweeps.Values.Any(other => other.Demand.Owner == sweep.Demand.Owner))
            _owners.Remove(sweep.Demand.Owner);
    }

    /// <summary>The sweep to ask next, or null. Equal claims take turns.</summary>
    public string? Next()
    {
        var next = Waiting
            .OrderBy(sweep => _owners[sweep.Demand.Owner].Used)
            .ThenBy(sweep => _owners[sweep.Demand.Owner].LastTurn)
            .ThenBy(sweep => sweep.Demand.Owner, StringComparer.Ordinal)
            .ThenByDescending(sweep => sweep.Demand.Priority)
            .ThenBy(sweep => sweep.Used)
            .ThenBy(sweep => sweep.LastTurn)
            .ThenBy(sweep => sweep.Demand.SweepId, StringComparer.Ordinal)
            .FirstOrDefault();
        if (next is null)
            return null;
        next.LastTurn = _owners[next.Demand.Owner].LastTurn = ++_turn;
        return next.Demand.SweepId;
    }

    private IEnumerable<SweepAccount> Waiting => _sweeps.Values.Where(sweep => sweep.Demand.HasPendingWork);

    private class Account
    {
        public double Used { get; set; }

        public long LastTurn { get; set; }
    }

    private sealed class SweepAccount : Account
    {
        public required SweepDemand Demand { get; set; }
    }
}
