using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>Jobs, batches, leases and the ledger: the statements that make results exactly-once.</summary>
internal sealed partial class EfSweepStore
{
    public Task AddJobsAsync(string sweepId, IReadOnlyList<SweepJob> jobs, CancellationToken cancellationToken) => WriteAsync(async (_, database) =>
    {
        await using var insert = database.Command(LedgerSql.InsertJob);
        await using var link = database.Command(LedgerSql.InsertSweepJob);
        foreach (var job in jobs)
        {
            await insert.With("@job", job.Job.Id.Value).With("@spec", JsonSerializer.Serialize(job.Job, SweepJson.Options)).ExecuteNonQueryAsync(cancellationToken);
            await link.With("@sweep", sweepId).With("@ordinal", job.Ordinal).With("@benchmark", job.Benchmark).With("@job", job.Job.Id.Value).ExecuteNonQueryAsync(cancellationToken);
        }

        return true;
    }, cancellationToken);

    public Task<IReadOnlyDictionary<JobId, int>> CountRecordedAsync(IReadOnlyList<JobId> jobs, IReadOnlyList<string> itemIds, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<JobId, int>>(async context =>
        {
            var wanted = itemIds.ToHashSet(StringComparer.Ordinal);
            var counts = new Dictionary<JobId, int>();
            await EachRecordedAsync(context, jobs, (job, item) =>
            {
                if (wanted.Contains(item))
                    counts[job] = counts.GetValueOrDefault(job) + 1;
            }, cancellationToken);
            return counts;
        }, cancellationToken);

    public Task AddBatchesAsync(IReadOnlyList<JobBatch> batches, CancellationToken cancellationToken) => WriteAsync(async (_, database) =>
    {
        await using var insert = database.Command(LedgerSql.InsertBatch);
        foreach (var batch in batches)
        {
            var payload = new BatchPayload([.. batch.Jobs.Select(job => job.Id)], batch.ItemIds, batch.MicroBatches);
            await insert
                .With("@id", batch.Id)
                .With("@sweep", batch.SweepId)
                .With("@number", NumberOf(batch))
                .With("@payload", JsonSerializer.Serialize(payload, SweepJson.Options))
                .With("@weights", batch.Jobs[0].Identity.WeightsHash)
                .With("@rows", batch.MicroBatches.Sum(micro => micro.ItemCount * micro.JobCount))
                .ExecuteNonQueryAsync(cancellationToken);
        }

        return true;
    }, cancellationToken);

    public Task<IReadOnlyList<BatchRecord>> ListBatchesAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<BatchRecord>>(async context =>
    {
        var rows = await context.Batches.AsNoTracking().Where(batch => batch.SweepId == sweepId).OrderBy(batch => batch.Number)
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
    }, cancellationToken);

    public Task<JobBatch> LoadBatchAsync(string batchId, CancellationToken cancellationToken) => ReadAsync(async context =>
    {
        var batch = await context.Batches.AsNoTracking().FirstAsync(row => row.Id == batchId, cancellationToken);
        var payload = JsonSerializer.Deserialize<BatchPayload>(batch.Payload, SweepJson.Options)!;
        var ids = payload.Jobs.Select(job => job.Value).ToArray();
        var specs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var chunk in ids.Chunk(500))
        {
            foreach (var job in await context.Jobs.AsNoTracking().Where(job => chunk.Contains(job.JobId)).ToListAsync(cancellationToken))
                specs[job.JobId] = job.Spec;
        }

        return new JobBatch { Id = batch.Id, SweepId = batch.SweepId, Jobs = [.. ids.Select(id => Spec(specs[id]))], ItemIds = payload.Items, MicroBatches = payload.MicroBatches };
    }, cancellationToken);

    public Task<IReadOnlySet<(JobId Job, string Item)>> ListRecordedAsync(JobBatch batch, CancellationToken cancellationToken) => ReadAsync<IReadOnlySet<(JobId Job, string Item)>>(async context =>
    {
        var wanted = batch.ItemIds.ToHashSet(StringComparer.Ordinal);
        var recorded = new HashSet<(JobId, string)>();
        await EachRecordedAsync(context, [.. batch.Jobs.Select(job => job.Id)], (job, item) =>
        {
            if (wanted.Contains(item))
                recorded.Add((job, item));
        }, cancellationToken);
        return recorded;
    }, cancellationToken);

    public Task<Lease?> TryGrantAsync(string batchId, long expectedToken, string workerId, double durationSeconds, CancellationToken cancellationToken) => WriteAsync(async (_, database) =>
    {
        Lease lease;
        await using (var grant = database.Command(LedgerSql.Grant).With("@id", batchId).With("@expected", expectedToken).With("@worker", workerId))
        await using (var reader = await grant.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return null;
            lease = new Lease { BatchId = batchId, Token = reader.GetInt64(0), SweepId = reader.GetString(1), WorkerId = workerId, DurationSeconds = durationSeconds };
        }

        await using var attempt = database.Command(LedgerSql.InsertAttempt)
            .With("@id", batchId).With("@token", lease.Token).With("@sweep", lease.SweepId).With("@worker", workerId).With("@now", Now());
        await attempt.ExecuteNonQueryAsync(cancellationToken);
        return lease;
    }, cancellationToken);

    public Task<RecordOutcome> RecordAsync(Lease lease, MicroBatchResult result, CancellationToken cancellationToken) => WriteAsync(async (_, database) =>
    {
        await using (var fence = database.Command(LedgerSql.Fence).With("@id", lease.BatchId).With("@token", lease.Token).With("@worker", lease.WorkerId))
        {
            if (await fence.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                await using var late = database.Command(LedgerSql.CountLateInSweep).With("@rows", result.Rows.Count).With("@sweep", lease.SweepId);
                await late.ExecuteNonQueryAsync(cancellationToken);
                await using var rejected = database.Command(LedgerSql.CountLateInAttempt).With("@rows", result.Rows.Count).With("@id", lease.BatchId).With("@token", lease.Token);
                await rejected.ExecuteNonQueryAsync(cancellationToken);
                return new RecordOutcome { Accepted = 0, Shared = 0, Late = true };
            }
        }

        var keys = new Keys(database, cancellationToken);
        await using var insert = database.Command(LedgerSql.InsertResult);
        var accepted = 0;
        foreach (var row in result.Rows)
        {
            ResultRow.Bind(insert, await keys.JobAsync(row.JobId.Value), await keys.ItemAsync(row.ItemId), row);
            accepted += await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var count = database.Command(LedgerSql.CountAccepted)
            .With("@accepted", accepted).With("@shared", result.Rows.Count - accepted).With("@tokens", result.Tokens).With("@seconds", result.DeviceSeconds)
            .With("@id", lease.BatchId).With("@token", lease.Token);
        await count.ExecuteNonQueryAsync(cancellationToken);
        return new RecordOutcome { Accepted = accepted, Shared = result.Rows.Count - accepted, Late = false };
    }, cancellationToken);

    public Task<bool> EndLeaseAsync(Lease lease, BatchStatus status, string? reason, CancellationToken cancellationToken) =>
        EndAsync(lease.BatchId, lease.Token, status, reason, failed: status == BatchStatus.Quarantined || (status == BatchStatus.Pending && reason is not null), cancellationToken);

    public Task<bool> ExpireLeaseAsync(string batchId, long token, BatchStatus status, string? reason, CancellationToken cancellationToken) =>
        EndAsync(batchId, token, status, reason, failed: status != BatchStatus.Canceled, cancellationToken);

    public Task<int> VoidLeasesAsync(CancellationToken cancellationToken) => WriteAsync(async (context, _) =>
        await context.Batches.Where(batch => batch.Status == nameof(BatchStatus.Leased)).ExecuteUpdateAsync(
            update => update.SetProperty(batch => batch.Status, nameof(BatchStatus.Pending)).SetProperty(batch => batch.WorkerId, (string?)null), cancellationToken), cancellationToken);

    public async IAsyncEnumerable<ItemResult> ReadItemResultsAsync(
        IReadOnlyCollection<JobId> jobs, IReadOnlyCollection<string> itemIds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Job by job: the order is ordinal on every database, whatever its collation, and no more than one job's rows are held.
        var wanted = itemIds.ToHashSet(StringComparer.Ordinal);
        foreach (var job in jobs.Distinct().Order())
        {
            var rows = await ReadAsync(async context =>
            {
                var found = new List<ItemResult>();
                await using var command = (await OpenAsync(context, cancellationToken)).Command(null, LedgerSql.ReadResults).With("@job", job.Value);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    if (wanted.Contains(reader.GetString(0)))
                        found.Add(ResultRow.Read(reader, job));
                }

                return found;
            }, cancellationToken);
            foreach (var row in rows.OrderBy(row => row.ItemId, StringComparer.Ordinal))
                yield return row;
        }
    }

    private Task<bool> EndAsync(string batchId, long token, BatchStatus status, string? reason, bool failed, CancellationToken cancellationToken) => WriteAsync(async (_, database) =>
    {
        await using var end = database.Command(LedgerSql.EndLease)
            .With("@status", status.ToString()).With("@failed", failed ? 1 : 0).With("@reason", reason).With("@id", batchId).With("@token", token);
        if (await end.ExecuteNonQueryAsync(cancellationToken) == 0)
            return false;
        var outcome = status == BatchStatus.Pending ? (reason is null ? "Released" : "Failed") : status.ToString();
        await using var attempt = database.Command(LedgerSql.EndAttempt)
            .With("@now", Now()).With("@outcome", outcome).With("@reason", reason).With("@id", batchId).With("@token", token);
        await attempt.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }, cancellationToken);

    private static async Task EachRecordedAsync(SweepDbContext context, IReadOnlyList<JobId> jobs, Action<JobId, string> found, CancellationToken cancellationToken)
    {
        await using var command = (await OpenAsync(context, cancellationToken)).Command(null, LedgerSql.RecordedItems);
        foreach (var job in jobs)
        {
            await using var reader = await command.With("@job", job.Value).ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                found(job, reader.GetString(0));
        }
    }

    private static async Task<DbConnection> OpenAsync(SweepDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        return context.Database.GetDbConnection();
    }

    private static int NumberOf(JobBatch batch) => int.Parse(batch.Id[(batch.Id.LastIndexOf('/') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private long Now() => (time.GetUtcNow().UtcTicks / 10) - 62135596800000000;

    private sealed record BatchPayload(IReadOnlyList<JobId> Jobs, IReadOnlyList<string> Items, IReadOnlyList<MicroBatch> MicroBatches);

    /// <summary>The open connection and transaction of a write.</summary>
    private readonly record struct DbTransactionPair(DbConnection Connection, DbTransaction Transaction)
    {
        public static DbTransactionPair Of(SweepDbContext context) => new(context.Database.GetDbConnection(), context.Database.CurrentTransaction!.GetDbTransaction());

        public DbCommand Command(string text) => Connection.Command(Transaction, text);
    }

    /// <summary>Surrogate keys of one transaction, each looked up once.</summary>
    private sealed class Keys(DbTransactionPair database, CancellationToken cancellationToken)
    {
        private readonly Dictionary<string, long> _jobs = new(StringComparer.Ordinal);
        private readonly Dictionary<string, long> _items = new(StringComparer.Ordinal);

        public async Task<long> JobAsync(string jobId)
        {
            if (!_jobs.TryGetValue(jobId, out var key))
            {
                await using var find = database.Command(LedgerSql.FindJob).With("@job", jobId);
                key = _jobs[jobId] = (long)(await find.ExecuteScalarAsync(cancellationToken) ?? throw new InvalidOperationException($"job {jobId} is not in the store"));
            }

            return key;
        }

        public async Task<long> ItemAsync(string itemId)
        {
            if (!_items.TryGetValue(itemId, out var key))
            {
                await using var insert = database.Command(LedgerSql.InsertItem).With("@item", itemId);
                await insert.ExecuteNonQueryAsync(cancellationToken);
                await using var find = database.Command(LedgerSql.FindItem).With("@item", itemId);
                key = _items[itemId] = (long)(await find.ExecuteScalarAsync(cancellationToken))!;
            }

            return key;
        }
    }
}
