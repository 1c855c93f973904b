using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Store;

namespace Sweep.Persistence;

/// <summary>For people who look.</summary>
internal sealed partial class EfSweepStore : ISweepInspection
{
    public async Task<IReadOnlyList<BatchAttempt>> ListAttemptsAsync(string sweepId, IReadOnlyList<JobId> jobs, int most, CancellationToken cancellationToken)
    {
        var attempts = new Dictionary<(string, long), BatchAttempt>();
        foreach (var job in jobs)
        {
            // A batch's jobs stand in its document; their ids are hashes, which stand nowhere else.
            var id = job.Value;
            var found = await ReadAsync(context => context.Attempts.AsNoTracking()
                .Join(context.Batches.Where(batch => batch.SweepId == sweepId && batch.Payload.Contains(id)), attempt => attempt.BatchId, batch => batch.Id, (attempt, _) => attempt)
                .OrderByDescending(attempt => attempt.StartedAt).Take(most).ToListAsync(cancellationToken), cancellationToken);
            foreach (var attempt in found)
            {
                attempts[(attempt.BatchId, attempt.Token)] = new BatchAttempt
                {
                    BatchId = attempt.BatchId,
                    Token = attempt.Token,
                    WorkerId = attempt.WorkerId,
                    StartedAt = attempt.StartedAt,
                    EndedAt = attempt.EndedAt,
                    Outcome = attempt.Outcome,
                    Reason = attempt.Reason,
                    RowsAccepted = attempt.RowsAccepted,
                    RowsShared = attempt.RowsShared,
                    RowsRejected = attempt.RowsRejected,
                    DeviceSeconds = attempt.DeviceSeconds,
                };
            }
        }

        return [.. attempts.Values.OrderByDescending(attempt => attempt.StartedAt).ThenBy(attempt => attempt.BatchId, StringComparer.Ordinal).Take(most)];
    }
}
