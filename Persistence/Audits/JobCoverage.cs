using Sweep.Contracts.Jobs;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Audits;

/// <summary>Why rows are missing: the batches that were to write them say so, or the sweep does.</summary>
internal sealed class JobCoverage(SweepState state, string? reason, IReadOnlyList<AuditedBatch> batches)
{
    private readonly ILookup<JobId, AuditedBatch> _batches = batches.SelectMany(batch => batch.Jobs.Distinct().Select(job => (job, batch))).ToLookup(pair => pair.job, pair => pair.batch);

    /// <summary>Each reason once.</summary>
    /// <param name="job">Lacks rows.</param>
    /// <param name="items">Of these items.</param>
    /// <param name="unexplained">Items for which nothing says why.</param>
    public IReadOnlyList<string> Explain(JobId job, IEnumerable<string> items, out int unexplained)
    {
        var reasons = new SortedSet<string>(StringComparer.Ordinal);
        unexplained = 0;
        foreach (var item in items)
        {
            if (Explain(job, item) is { } why)
                reasons.Add(why);
            else
                unexplained++;
        }

        return [.. reasons];
    }

    private string? Explain(JobId job, string item)
    {
        var mine = _batches[job].Where(batch => batch.Items.Contains(item)).ToArray();
        if (mine.Any(batch => batch.Status == BatchStatus.Completed))
            return null;
        if (mine.FirstOrDefault(batch => batch.Status is BatchStatus.Quarantined or BatchStatus.Faulted) is { } aside)
            return $"batch {aside.Id} {aside.Status}: {aside.Reason ?? "no reason"}";
        return state switch
        {
            SweepState.Completed => null,
            SweepState.Canceled or SweepState.Faulted => $"sweep {state}: {reason ?? "no reason"}",
            _ => $"sweep {state}: not run yet",
        };
    }
}
