using System.Data.Common;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>
/// The store over EF Core: transactions and documents here, sweeps, leases with ledger rows, and messages in the other parts. What databases do differently is in the
/// <see cref="StoreDialect"/>.
/// </summary>
internal sealed partial class EfSweepStore(Func<SweepDbContext> createContext, StoreDialect dialect, TimeProvider time, ISweepEvents? events) : ISweepStore, IAsyncDisposable, IDisposable
{
    /// <summary>How exactly the use of an artifact is noted: reading stays reading.</summary>
    private static readonly TimeSpan ArtifactUse = TimeSpan.FromDays(1);

    public Task SaveResolutionAsync(string sweepId, ResolvedPlan resolved, CancellationToken cancellationToken) =>
        UpdateSweepAsync(sweepId, "resolution", JsonSerializer.Serialize(resolved, SweepJson.Options), cancellationToken);

    public Task<ResolvedPlan?> LoadResolutionAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Sweeps.Where(sweep => sweep.Id == sweepId).Select(sweep => sweep.Resolution).FirstOrDefaultAsync(cancellationToken) is { } json
            ? JsonSerializer.Deserialize<ResolvedPlan>(json, SweepJson.Options)
            : null, cancellationToken);

    public Task<JobSpec?> FindJobAsync(JobId jobId, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Jobs.Where(job => job.JobId == jobId.Value).Select(job => job.Spec).FirstOrDefaultAsync(cancellationToken) is { } json ? Spec(json) : null, cancellationToken);

    public async Task<byte[]?> FindArtifactAsync(string key, CancellationToken cancellationToken)
    {
        var now = UtcNow();
        var found = await ReadAsync(
            context => context.Artifacts.Where(artifact => artifact.Key == key).Select(artifact => new { artifact.Content, artifact.UsedAt }).FirstOrDefaultAsync(cancellationToken),
            cancellationToken);
        if (found is not null && now - found.UsedAt >= ArtifactUse)
        {
            await WriteAsync(
                database => database.Context.Artifacts.Where(artifact => artifact.Key == key).ExecuteUpdateAsync(update => update.SetProperty(artifact => artifact.UsedAt, now), cancellationToken),
                cancellationToken);
        }

        return found?.Content;
    }

    public Task SaveArtifactAsync(string key, byte[] content, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var insert = database.Command("INSERT INTO artifacts (key, content, used_at) VALUES (@key, @content, @now) ON CONFLICT DO NOTHING")
            .With("@key", key).With("@content", content).With("@now", Microseconds.Of(UtcNow()));
        return await insert.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken);

    public Task<SweepCost> ReadCostAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(async context =>
    {
        var attempts = await context.Attempts.AsNoTracking().Where(attempt => attempt.SweepId == sweepId).OrderBy(attempt => attempt.BatchId).ThenBy(attempt => attempt.Token)
            .Select(attempt => new { attempt.DeviceSeconds, attempt.RowsAccepted, attempt.Tokens }).ToListAsync(cancellationToken);
        return new SweepCost
        {
            DeviceSeconds = attempts.Sum(attempt => attempt.DeviceSeconds),
            Rows = attempts.Sum(attempt => (long)attempt.RowsAccepted),
            Tokens = attempts.Sum(attempt => attempt.Tokens),
            Attempts = attempts.Count,
            LateWrites = await context.Sweeps.Where(sweep => sweep.Id == sweepId).Select(sweep => sweep.LateWrites).FirstOrDefaultAsync(cancellationToken),
        };
    }, cancellationToken);

    public ValueTask DisposeAsync() => dialect.DisposeAsync();

    /// <summary>A container that is not disposed asynchronously refuses what can only be that.</summary>
    public void Dispose() => dialect.Dispose();

    /// <summary>To the microsecond, which is what is stored.</summary>
    private DateTimeOffset UtcNow() => Microseconds.ToTime(Microseconds.Of(time.GetUtcNow()));

    private Task UpdateSweepAsync(string sweepId, string column, string json, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var update = database.Command($"UPDATE sweeps SET {column} = @json WHERE id = @id").With("@json", json).With("@id", sweepId);
        return await update.ExecuteNonQueryAsync(cancellationToken) == 1 ? true : throw new InvalidOperationException($"sweep {sweepId} is not in the store");
    }, cancellationToken);

    /// <summary>One transaction; a busy or missing database becomes <see cref="StoreUnavailableException"/>.</summary>
    private async Task<T> WriteAsync<T>(Func<StoreTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        using var turn = await dialect.EnterAsync(cancellationToken);
        return await GuardAsync(
            async () =>
            {
                await using var context = createContext();
                await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
                var result = await work(StoreTransaction.Of(context));
                await transaction.CommitAsync(cancellationToken);
                return result;
            },
            cancellationToken);
    }

    private Task<T> ReadAsync<T>(Func<SweepDbContext, Task<T>> work, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            await using var context = createContext();
            return await work(context);
        },
        cancellationToken);

    /// <summary>
    /// Tries again what met another transaction, and says the rest in this store's words. Each transaction may be done twice: a commit whose answer was lost is found by its token, its
    /// state or its keys.
    /// </summary>
    private async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (Failure(exception) is { } failure)
            {
                if (!dialect.MayTryAgain(failure, tries))
                    throw dialect.Explain(failure);
                await Task.Delay(TimeSpan.FromMilliseconds(20 << tries), cancellationToken);
            }
        }
    }

    /// <summary>What a statement gives, row by row.</summary>
    private Task<List<T>> QueryAsync<T>(string sql, Action<DbCommand> bind, Func<DbDataReader, T> read, CancellationToken cancellationToken) => ReadAsync(async context =>
    {
        var found = new List<T>();
        await using var command = (await OpenAsync(context, cancellationToken)).Command(null, sql);
        bind(command);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            found.Add(read(reader));
        return found;
    }, cancellationToken);

    private static DbException? Failure(Exception exception) => exception as DbException ?? (exception as InvalidOperationException)?.InnerException as DbException;

    private static async Task<DbConnection> OpenAsync(SweepDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        return context.Database.GetDbConnection();
    }

    private static JobSpec Spec(string json) => JsonSerializer.Deserialize<JobSpec>(json, SweepJson.Options)!;
}
