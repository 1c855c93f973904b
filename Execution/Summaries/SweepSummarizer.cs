using Sweep.Contracts.Execution;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Execution.Summaries;

/// <summary>Computes a sweep's answer from the ledger.</summary>
internal sealed class SweepSummarizer(ISweepStore store) : ISweepSummarizer
{
    public async Task<SweepSummary> SummarizeAsync(string sweepId, CancellationToken cancellationToken)
    {
        var sweep = await store.FindSweepAsync(sweepId, cancellationToken) ?? throw new InvalidOperationException($"there is no sweep '{sweepId}'");
        var resolved = await store.LoadResolutionAsync(sweepId, cancellationToken)
            ?? throw new InvalidOperationException($"sweep '{sweepId}' is not resolved yet");
        return await SweepAnswer.OfAsync(
            sweepId, sweep.Plan, resolved, (benchmark, jobs) => BenchmarkTable.ReadAsync(store, resolved.Benchmarks[benchmark], jobs, cancellationToken));
    }
}
