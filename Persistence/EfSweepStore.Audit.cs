using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Store;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>What an audit reads.</summary>
internal sealed partial class EfSweepStore : IAuditedRows
{
    public Task<T> AtOneMomentAsync<T>(Func<IAuditReader, Task<T>> audit, CancellationToken cancellationToken) => ReadAsync(async context =>
    {
        await using var transaction = await dialect.BeginSnapshotAsync(context, cancellationToken);
        var database = StoreTransaction.Of(context);
        await dialect.TakeTimeAsync(database, cancellationToken);
        context.Database.SetCommandTimeout(TimeSpan.Zero);
        return await audit(new Moment(database, dialect, cancellationToken));
    }, cancellationToken);

    private sealed class Moment(StoreTransaction database, StoreDialect dialect, CancellationToken cancellationToken) : IAuditReader
    {
        private SweepDbContext Context => database.Context;

        public async Task<(SweepState State, string? Reason, long LateWrites)> ReadSweepAsync(string sweepId)
        {
            var sweep = await Context.Sweeps.Where(row => row.Id == sweepId).Select(row => new { row.State, row.Reason, row.LateWrites }).FirstAsync(cancellationToken);
            return (Enum.Parse<SweepState>(sweep.State), sweep.Reason, sweep.LateWrites);
        }

        public async Task<HashSet<(JobId Job, int Benchmark)>> ReadJobsAsync(string sweepId)
        {
            var rows = await Context.SweepJobs.Where(row => row.SweepId == sweepId).Join(Context.Jobs, row => row.JobKey, job => job.Key, (row, job) => new { job.JobId, row.Benchmark })
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => (new JobId(row.JobId), row.Benchmark))];
        }

        public async Task<IReadOnlyList<AuditedBatch>> ReadBatchesAsync(string sweepId)
        {
            var batches = new List<AuditedBatch>();
            await foreach (var batch in Context.Batches.AsNoTracking().Where(row => row.SweepId == sweepId).OrderBy(row => row.Number).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                var payload = JsonSerializer.Deserialize<BatchPayload>(batch.Payload, SweepJson.Options)!;
                batches.Add(new AuditedBatch
                {
                    Id = batch.Id,
                    Status = Enum.Parse<BatchStatus>(batch.Status),
                    Token = batch.Token,
                    Attempts = batch.Attempts,
                    Reason = batch.Reason,
                    Jobs = payload.Jobs,
                    Items = payload.Items.ToHashSet(StringComparer.Ordinal),
                });
            }

            return batches;
        }

        public async Task<IReadOnlyList<AttemptRecord>> ReadAttemptsAsync(string sweepId)
        {
            var attempts = await Context.Attempts.AsNoTracking().Where(attempt => attempt.SweepId == sweepId).ToListAsync(cancellationToken);
            return
            [
                .. attempts.OrderBy(attempt => attempt.BatchId, StringComparer.Ordinal).ThenBy(attempt => attempt.Token).Select(attempt => new AttemptRecord
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
                    Tokens = attempt.Tokens,
                    DeviceSeconds = attempt.DeviceSeconds,
                }),
            ];
        }

        public async Task<IReadOnlyList<(string BatchId, long Token)>> ReadOtherAttemptsAsync(string sweepId)
        {
            var attempts = await Context.Attempts.Where(attempt => attempt.SweepId != sweepId).Select(attempt => new { attempt.BatchId, attempt.Token }).ToListAsync(cancellationToken);
            return [.. attempts.Select(attempt => (attempt.BatchId, attempt.Token))];
        }

        public async Task EachRowAsync(IReadOnlyList<JobId> jobs, Action<JobId, string, long?> row)
        {
            await using var command = database.LongCommand(LedgerSql.RecordedRows(dialect)).With("@jobs", JsonSerializer.Serialize(jobs, SweepJson.Options));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                row(new JobId(reader.GetString(0)), ItemText.Decode(reader.GetString(1)), reader.IsDBNull(2) ? null : reader.GetInt64(2));
        }

        public async Task<OrphanCounts> CountOrphansAsync() => new()
        {
            RowsWithoutJob = await CountAsync("item_results r WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.key = r.job_key)"),
            RowsWithoutItem = await CountAsync("item_results r WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.key = r.item_key)"),
            SweepJobsWithoutJob = await CountAsync("sweep_jobs s WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.key = s.job_key)"),
            BatchesWithoutSweep = await CountAsync("batches b WHERE NOT EXISTS (SELECT 1 FROM sweeps s WHERE s.id = b.sweep_id)"),
            AttemptsWithoutBatch = await CountAsync("attempts a WHERE NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = a.batch_id)"),
        };

        private async Task<long> CountAsync(string from)
        {
            await using var command = database.LongCommand($"SELECT count(*) FROM {from}");
            return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), null);
        }
    }
}
