using Sweep.Contracts.Store;

namespace Sweep.Persistence.Audits;

/// <summary>Every grant of a batch left its attempt, and the last one ended as the batch did.</summary>
internal static class AttemptChecks
{
    public static void Run(IReadOnlyList<AuditedBatch> batches, IReadOnlyList<AttemptRecord> attempts, List<string> problems)
    {
        var byBatch = attempts.ToLookup(attempt => attempt.BatchId, StringComparer.Ordinal);
        foreach (var batch in batches)
        {
            var tokens = byBatch[batch.Id].Select(attempt => attempt.Token).ToArray();
            if (batch.Token != batch.Attempts || !tokens.SequenceEqual(Enumerable.Range(1, batch.Attempts).Select(token => (long)token)))
                problems.Add($"batch {batch.Id}: was granted {batch.Attempts} times up to token {batch.Token}, found attempts with tokens {string.Join(", ", tokens)}");
            var completed = byBatch[batch.Id].Count(attempt => attempt.Outcome == nameof(BatchStatus.Completed));
            if (completed != (batch.Status == BatchStatus.Completed ? 1 : 0))
                problems.Add($"batch {batch.Id}: is {batch.Status}, found {completed} attempts that completed it");
        }
    }
}
