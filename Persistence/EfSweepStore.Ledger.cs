using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
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
    /// <summary>So many items of a job are looked up; of more all its rows are read.</summary>
    private const int FewItems = 200;

    public Task<IReadOnlyDictionary<JobId, int>> CountRecordedAsync(IReadOnlyList<JobId> jobs, IReadOnlyList<string> itemIds, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<JobId, int>>(async context =>
        {
            var counts = new Dictionary<JobId, int>();
            await using var command = await OfJobsAsync(context, LedgerSql.CountRecorded(dialect), jobs, itemIds, cancellationToken);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                counts.Add(new JobId(reader.GetString(0)), (int)reader.GetInt64(1));
            return counts;
        }, cancellationToken);

    public Task AddBatchesAsync(IReadOnlyList<JobBatch> batches, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        var rows = JsonSerializer.Serialize(batches.Select(batch => new
        {
            batch.Id,
            Sweep = batch.SweepId,
            Number = NumberOf(batch),
            Payload = JsonSerializer.Serialize(new BatchPayload([.. batch.Jobs.Select(job => job.Id)], batch.ItemIds, batch.MicroBatches), SweepJson.Options),
            Weights = batch.Jobs[0].Identity.WeightsHash,
            Count = batch.Rows,
        }), SweepJson.Options);
        var added = new HashSet<string>(StringComparer.Ordinal);
        await using (var insert = database.Command(LedgerSql.InsertBatches(dialect)).With("@rows", rows))
        await using (var reader = await insert.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                added.Add(reader.GetString(0));
        }

        foreach (var sweep in batches.Where(batch => added.Contains(batch.Id)).GroupBy(batch => batch.SweepId))
        {
            var jobs = sweep.SelectMany(batch => batch.Jobs.Select(job => job.Id).Distinct()).GroupBy(job => job).Select(job => new { Job = job.Key.Value, Count = job.Count() });
            await using var open = database.Command(LedgerSql.OpenJobs(dialect)).With("@sweep", sweep.Key).With("@rows", JsonSerializer.Serialize(jobs, SweepJson.Options));
            await open.ExecuteNonQueryAsync(cancellationToken);
        }

        return true;
    }, cancellationToken);

    public Task<IReadOnlyList<BatchRecord>> ListBatchesAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(context =>
        RecordsAsync(context.Batches.Where(batch => batch.SweepId == sweepId).OrderBy(batch => batch.Number), cancellationToken), cancellationToken);

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
        var recorded = new HashSet<(JobId, string)>();
        await using var command = await OfJobsAsync(context, LedgerSql.RecordedItems(dialect), batch.Jobs.Select(job => job.Id), batch.ItemIds, cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            recorded.Add((new JobId(reader.GetString(0)), ItemText.Decode(reader.GetString(1))));
        return recorded;
    }, cancellationToken);

    public Task<Lease?> TryGrantAsync(string batchId, long expectedToken, string workerId, double durationSeconds, CancellationToken cancellationToken) => WriteAsync(async database =>
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
            .With("@id", batchId).With("@token", lease.Token).With("@sweep", lease.SweepId).With("@worker", workerId).With("@now", Microseconds.Of(time.GetUtcNow()));
        await attempt.ExecuteNonQueryAsync(cancellationToken);
        return lease;
    }, cancellationToken);

    public async Task<RecordOutcome> RecordAsync(Lease lease, MicroBatchResult result, CancellationToken cancellationToken)
    {
        try
        {
            return await RecordOnceAsync(lease, result, cancellationToken);
        }
        catch (StaleKeysException)
        {
            dialect.ForgetKeys();
            return await RecordOnceAsync(lease, result, cancellationToken);
        }
    }

    public Task<bool> EndLeaseAsync(Lease lease, BatchStatus status, string? reason, CancellationToken cancellationToken) =>
        EndAsync(lease.BatchId, lease.Token, status, reason, failed: status == BatchStatus.Quarantined || (status == BatchStatus.Pending && reason is not null), cancellationToken);

    public Task<bool> ExpireLeaseAsync(string batchId, long token, BatchStatus status, string? reason, CancellationToken cancellationToken) =>
        EndAsync(batchId, token, status, reason, failed: status != BatchStatus.Canceled, cancellationToken);

    public Task<int> VoidLeasesAsync(CancellationToken cancellationToken) => WriteAsync(database =>
        database.Context.Batches.Where(batch => batch.Status == nameof(BatchStatus.Leased)).ExecuteUpdateAsync(
            update => update.SetProperty(batch => batch.Status, nameof(BatchStatus.Pending)).SetProperty(batch => batch.WorkerId, (string?)null), cancellationToken), cancellationToken);

    public async IAsyncEnumerable<ItemResult> ReadItemResultsAsync(
        IReadOnlyCollection<JobId> jobs, IReadOnlyCollection<string> itemIds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Job by job: the order is ordinal on every database, whatever its collation, and no more than one job's rows are held.
        var wanted = itemIds.ToHashSet(StringComparer.Ordinal);
        var few = wanted.Count <= FewItems ? JsonSerializer.Serialize(wanted.Select(ItemText.Encode), SweepJson.Options) : null;
        foreach (var job in jobs.Distinct().Order())
        {
            var rows = await ReadAsync(async context =>
            {
                var found = new List<ItemResult>();
                await using var command = (await OpenAsync(context, cancellationToken)).Command(null, few is null ? LedgerSql.ReadResults : LedgerSql.ReadResultsOf(dialect)).With("@job", job.Value);
                if (few is not null)
                    command.With("@items", few);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    var row = ResultRow.Read(reader, job);
                    if (wanted.Contains(row.ItemId))
                        found.Add(row);
                }

                return found;
            }, cancellationToken);
            foreach (var row in rows.OrderBy(row => row.ItemId, StringComparer.Ordinal))
                yield return row;
        }
    }

    private async Task<RecordOutcome> RecordOnceAsync(Lease lease, MicroBatchResult result, CancellationToken cancellationToken)
    {
        var rows = await GuardAsync(() => dialect.PrepareAsync(result.Rows, AttemptMark.Of(lease), cancellationToken), cancellationToken);
        return await WriteAsync(async database =>
        {
            await rows.BeginAsync(database, cancellationToken);
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

            var accepted = await rows.InsertAsync(database, cancellationToken);
            await using var count = database.Command(LedgerSql.CountAccepted)
                .With("@accepted", accepted).With("@shared", result.Rows.Count - accepted).With("@tokens", result.Tokens).With("@seconds", result.DeviceSeconds)
                .With("@id", lease.BatchId).With("@token", lease.Token);
            await count.ExecuteNonQueryAsync(cancellationToken);
            return new RecordOutcome { Accepted = accepted, Shared = result.Rows.Count - accepted, Late = false };
        }, cancellationToken);
    }

    private Task<bool> EndAsync(string batchId, long token, BatchStatus status, string? reason, bool failed, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        reason = ItemText.Clean(reason);
        BatchEnd ended;
        BatchPayload payload;
        await using (var end = database.Command(LedgerSql.EndLease)
            .With("@status", status.ToString()).With("@failed", failed ? 1 : 0).With("@reason", reason).With("@id", batchId).With("@token", token))
        await using (var reader = await end.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return false;
            ended = new BatchEnd { SweepId = reader.GetString(0), BatchId = batchId, Status = status, Reason = reason, Attempts = reader.GetInt32(2), FailedAttempts = reader.GetInt32(3) };
            payload = JsonSerializer.Deserialize<BatchPayload>(reader.GetString(1), SweepJson.Options)!;
        }

        var outcome = status == BatchStatus.Pending ? (reason is null ? "Released" : "Failed") : status.ToString();
        await using (var attempt = database.Command(LedgerSql.EndAttempt)
            .With("@now", Microseconds.Of(time.GetUtcNow())).With("@outcome", outcome).With("@reason", reason).With("@id", batchId).With("@token", token))
            ended = ended with { WorkerId = (string?)await attempt.ExecuteScalarAsync(cancellationToken) };
        if (status == BatchStatus.Pending)
            return true;
        if (status != BatchStatus.Completed)
            await SendAsync(database, events?.OnBatchSetAside(ended), cancellationToken);
        var jobs = JsonSerializer.Serialize(payload.Jobs.Distinct(), SweepJson.Options);
        await EndJobsAsync(database, ended.SweepId, database.Command(LedgerSql.EndJobs(dialect))
            .With("@sweep", ended.SweepId).With("@jobs", jobs).With("@status", status.ToString()).With("@reason", reason), cancellationToken);
        return true;
    }, cancellationToken);

    private static async Task<DbCommand> OfJobsAsync(
        SweepDbContext context, string sql, IEnumerable<JobId> jobs, IEnumerable<string> items, CancellationToken cancellationToken) =>
        (await OpenAsync(context, cancellationToken)).Command(null, sql)
            .With("@jobs", JsonSerializer.Serialize(jobs, SweepJson.Options)).With("@items", JsonSerializer.Serialize(items.Select(ItemText.Encode), SweepJson.Options));

    private static int NumberOf(JobBatch batch) => int.Parse(batch.Id[(batch.Id.LastIndexOf('/') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private sealed record BatchPayload(IReadOnlyList<JobId> Jobs, IReadOnlyList<string> Items, IReadOnlyList<MicroBatch> MicroBatches);
}
