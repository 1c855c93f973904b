using Sweep.Contracts.Grains;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Whose turn it is: the owner with the fewest device-seconds per weight, of that owner's sweeps those of the highest priority, of these the one with the fewest device-seconds per weight.
/// Who comes new or again starts level with who is served now, so that nobody catches up on time when they wanted nothing.
/// </summary>
/// <param name="ownerWeight">Share of an owner against the others, above 0.</param>
internal sealed class FairShare(Func<string, double> ownerWeight)
{
    private readonly Dictionary<string, Owner> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Account> _sweeps = new(StringComparer.Ordinal);
    private double _level;
    private long _turn;

    public SweepDemand? Find(string sweepId) => _sweeps.GetValueOrDefault(sweepId)?.Demand;

    /// <summary>Adds or updates a sweep. True: it was not known.</summary>
    public bool Announce(SweepDemand demand)
    {
        if (_sweeps.TryGetValue(demand.SweepId, out var sweep) && sweep.Demand!.Owner != demand.Owner)
            Withdraw(demand.SweepId);
        if (!_owners.TryGetValue(demand.Owner, out var owner))
            _owners.Add(demand.Owner, owner = new Owner { Weight = ownerWeight(demand.Owner) });
        var isNew = !owner.Sweeps.TryGetValue(demand.SweepId, out sweep);
        if (sweep is null)
            _sweeps[demand.SweepId] = owner.Sweeps[demand.SweepId] = sweep = new Account { Weight = demand.Weight };
        else
            sweep.Reweigh(demand.Weight);
        var waits = sweep.Demand?.HasPendingWork == true;
        sweep.Demand = demand;
        if (demand.HasPendingWork && !waits)
        {
            sweep.Waits = true;
            sweep.RaiseTo(owner.ServedLevels.GetValueOrDefault(demand.Priority));
            if (owner.Waiting++ == 0)
                owner.RaiseTo(_level);
        }
        else if (!demand.HasPendingWork && waits)
        {
            sweep.Waits = false;
            owner.Waiting--;
        }

        return isNew;
    }

    /// <summary>Device-seconds that a sweep used, or is about to use; negative ones give back what it was charged too much. The owner pays for a sweep that was withdrawn, too.</summary>
    public void Charge(string owner, string sweepId, double deviceSeconds)
    {
        if (_sweeps.TryGetValue(sweepId, out var sweep))
            sweep.Level += deviceSeconds / sweep.Weight;
        if (_owners.TryGetValue(owner, out var account))
            account.Level += deviceSeconds / account.Weight;
    }

    public void Withdraw(string sweepId)
    {
        if (!_sweeps.Remove(sweepId, out var sweep))
            return;
        var owner = _owners[sweep.Demand!.Owner];
        owner.Sweeps.Remove(sweepId);
        if (sweep.Waits)
            owner.Waiting--;
        Forget();
    }

    /// <summary>The sweep to serve next of those that <paramref name="isEligible"/> admits, or null. Equal claims take turns.</summary>
    public SweepDemand? Choose(Func<SweepDemand, bool> isEligible)
    {
        Owner? bestOwner = null;
        Account? best = null;
        foreach (var owner in _owners.Values)
        {
            if (owner.Waiting > 0 && (bestOwner is null || owner.IsBefore(bestOwner)) && First(owner, isEligible) is { } first)
                (bestOwner, best) = (owner, first);
        }

        return best?.Demand;
    }

    /// <summary>Gives the sweep a turn that is expected to take so long.</summary>
    /// <param name="isFair">It is the one with the first claim: those who come later start at its level.</param>
    public void Take(string sweepId, double deviceSeconds, bool isFair = true)
    {
        var sweep = _sweeps[sweepId];
        var owner = _owners[sweep.Demand!.Owner];
        if (isFair)
        {
            _level = Math.Max(_level, owner.Level);
            owner.ServedLevels[sweep.Demand.Priority] = Math.Max(owner.ServedLevels.GetValueOrDefault(sweep.Demand.Priority), sweep.Level);
        }

        sweep.LastTurn = owner.LastTurn = ++_turn;
        Charge(sweep.Demand.Owner, sweepId, deviceSeconds);
    }

    private static Account? First(Owner owner, Func<SweepDemand, bool> isEligible)
    {
        Account? best = null;
        foreach (var sweep in owner.Sweeps.Values)
        {
            if (sweep.Waits && (best is null || sweep.IsBefore(best)) && isEligible(sweep.Demand!))
                best = sweep;
        }

        return best;
    }

    /// <summary>Owners without sweeps who would start at the same level if they came new.</summary>
    private void Forget()
    {
        foreach (var (name, owner) in _owners)
        {
            if (owner.Sweeps.Count == 0 && owner.Level <= _level)
                _owners.Remove(name);
        }
    }

    private class Claim
    {
        public required double Weight { get; set; }

        /// <summary>Device-seconds per weight.</summary>
        public double Level { get; set; }

        public long LastTurn { get; set; }

        public void RaiseTo(double level) => Level = Math.Max(Level, level);

        public bool IsBefore(Claim other) => (Level, LastTurn).CompareTo((other.Level, other.LastTurn)) < 0;
    }

    private sealed class Owner : Claim
    {
        public SortedDictionary<string, Account> Sweeps { get; } = new(StringComparer.Ordinal);

        public int Waiting { get; set; }

        /// <summary>By priority the level of the sweep served last.</summary>
        public Dictionary<int, double> ServedLevels { get; } = [];
    }

    private sealed class Account : Claim
    {
        public SweepDemand? Demand { get; set; }

        public bool Waits { get; set; }

        public bool IsBefore(Account other) =>
            Demand!.Priority != other.Demand!.Priority ? Demand.Priority > other.Demand.Priority : base.IsBefore(other);

        public void Reweigh(double weight)
        {
            Level = Level * Weight / weight;
            Weight = weight;
        }
    }
}
