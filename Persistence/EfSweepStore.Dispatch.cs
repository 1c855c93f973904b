using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Json;
using Sweep.Contracts.Store;
using Sweep.Persistence.Entities;
using Sweep.Persistence.Ledger;

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

    public Task<bool> RetryBatchAsync(string batchId, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        string sweepId;
        BatchPayload payload;
        await using (var retry = database.Command(LedgerSql.RetryBatch).With("@id", batchId))
        await using (var reader = await retry.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return false;
            (sweepId, payload) = (reader.GetString(0), JsonSerializer.Deserialize<BatchPayload>(reader.GetString(1), SweepJson.Options)!);
        }

        var jobs = payload.Jobs.Distinct().ToArray();
        await using (var open = database.Command(LedgerSql.OpenJobs(dialect)).With("@sweep", sweepId).With("@rows", JsonSerializer.Serialize(jobs.Select(job => new { Job = job.Value, Count = 1 }), SweepJson.Options)))
            await open.ExecuteNonQueryAsync(cancellationToken);
        await using (var forget = database.Command(LedgerSql.ForgetOutcomes(dialect)).With("@sweep", sweepId).With("@jobs", JsonSerializer.Serialize(jobs, SweepJson.Options)))
            await forget.ExecuteNonQueryAsync(cancellationToken);
        await using var resume = database.Command("UPDATE sweeps SET state = 'Running', reason = NULL, finished_at = NULL WHERE id = @id AND state IN ('Completed', 'Faulted')").With("@id", sweepId);
        await resume.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }, cancellationToken);

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
