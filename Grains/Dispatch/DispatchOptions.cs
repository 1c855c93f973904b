namespace Sweep.Grains.Dispatch;

/// <summary>How coordinators hand work out.</summary>
public sealed class DispatchOptions
{
    /// <summary>How long a lease lasts without renewal, seconds; workers renew at a third of it. Default: 30.</summary>
    public double LeaseSeconds { get; set; } = 30;

    /// <summary>How often a coordinator looks after its sweep, seconds. Default: 1.</summary>
    public double TickSeconds { get; set; } = 1;

    /// <summary>Failed or killed attempts after which a batch is quarantined. Default: 3.</summary>
    public int MaxFailedAttempts { get; set; } = 3;

    /// <summary>Sweeps with more jobs are refused. Default: 1000000.</summary>
    public int MaxJobs { get; set; } = 1_000_000;

    /// <summary>How often every silo looks for sweeps without a running coordinator, seconds. Default: 30.</summary>
    public double WatchSeconds { get; set; } = 30;

    /// <summary>Silos start the coordinators of sweeps that are not at their end; without it only who asks for a sweep does. Default: true.</summary>
    public bool TakeUpUnfinished { get; set; } = true;

    /// <summary>Shares of owners against each other, by name; an owner who is not here has 1. Default: none, all are equal.</summary>
    public IDictionary<string, double> OwnerWeights { get; set; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Share of an owner.</summary>
    public double WeightOf(string owner) => OwnerWeights.TryGetValue(owner, out var weight) ? weight : 1;

    /// <summary>Every setting that cannot work, by name.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[] { (nameof(LeaseSeconds), LeaseSeconds), (nameof(TickSeconds), TickSeconds), (nameof(WatchSeconds), WatchSeconds) })
        {
            if (!(value > 0) || !double.IsFinite(value))
                yield return $"Sweep:Dispatch:{name} is {value}, expected above 0";
        }

        foreach (var (owner, weight) in OwnerWeights)
        {
            if (!(weight > 0) || !double.IsFinite(weight))
                yield return $"Sweep:Dispatch:{nameof(OwnerWeights)}:{owner} is {weight}, expected above 0";
        }

        if (MaxFailedAttempts < 1)
            yield return $"Sweep:Dispatch:{nameof(MaxFailedAttempts)} is {MaxFailedAttempts}, expected at least 1";
        if (MaxJobs < 1)
            yield return $"Sweep:Dispatch:{nameof(MaxJobs)} is {MaxJobs}, expected at least 1";
    }
}
