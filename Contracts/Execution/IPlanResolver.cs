using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Execution;

/// <summary>Looks at the files a plan names. Throws <see cref="InvalidPlanException"/> with every problem found.</summary>
public interface IPlanResolver
{
    /// <param name="plan">Structurally valid.</param>
    /// <param name="calibrate">False: recipes that need a model run are left as their size only (channels 0..n-1), for counting.</param>
    Task<ResolvedPlan> ResolveAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken);
}

/// <summary>Computes a sweep's summary from the store.</summary>
public interface ISweepSummarizer
{
    Task<Results.SweepSummary> SummarizeAsync(string sweepId, CancellationToken cancellationToken);
}
