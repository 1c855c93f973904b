using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Store;
using Sweep.Persistence.Entities;

namespace Sweep.Persistence;

/// <summary>What coordinators and their watcher look up.</summary>
internal sealed partial class EfSweepStore
{
    public Task<IReadOnlyList<string>> ListUnfinishedAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<string>>(async context =>
    {
        string[] final = [nameof(SweepState.Completed), nameof(SweepState.Canceled), nameof(SweepState.Faulted)];
        return await context.Sweeps.Where(sweep => !final.Contains(sweep.State)).OrderBy(sweep => sweep.SubmittedAt).Select(sweep => sweep.Id).ToListAsync(cancellationToken);
    }, cancellationToken);

    public Task<BatchRecord?> FindBatchAsync(string batchId, CancellationToken cancellationToken) => ReadAsync(async context =>
        (await RecordsAsync(context.Batches.Where(batch => batch.Id == batchId), cancellationToken)).FirstOrDefault(), cancellationToken);

    /// <summary>Without their payloads.</summary>
    private static async Task<IReadOnlyList<BatchRecord>> RecordsAsync(IQueryable<BatchEntity> batches, CancellationToken cancellationToken)
    {
        var rows = await batches.AsNoTracking()
            .Select(batch => new { batch.Id, batch.Status, batch.Token, batch.Attempts, batch.FailedAttempts, batch.WorkerId, batch.Reason, batch.WeightsHash, batch.Rows })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new BatchRecord
        {
            Id = row.Id,
            Status = Enum.Parse<BatchStatus>(row.Status),
            Token = row.Token,
            Attempts = row.Attempts,
            FailedAttempts = row.FailedAttempts,
            WorkerId = row.WorkerId,
            Reason = row.Reason,
            WeightsHash = row.WeightsHash,
            Rows = row.Rows,
        })];
    }
}
