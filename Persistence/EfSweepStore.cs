using System.Data.Common;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Entities;

namespace Sweep.Persistence;

/// <summary>
/// The store over EF Core: sweeps, jobs and documents here, leases and ledger rows in the other part. One writer at a time goes to the database from this
/// process; readers use connections of their own.
/// </summary>
internal sealed partial class EfSweepStore(Func<SweepDbContext> createContext, TimeProvider time) : ISweepStore, IDisposable
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    public Task<SweepRecord> SubmitAsync(string sweepId, SweepPlan plan, string planText, CancellationToken cancellationToken) => WriteAsync(async (context, _) =>
    {
        var sweep = await context.Sweeps.FindAsync([sweepId], cancellationToken);
        if (sweep is null)
        {
            sweep = new SweepEntity
            {
                Id = sweepId,
                Name = plan.Name,
                Owner = plan.Owner,
                Plan = JsonSerializer.Serialize(plan, SweepJson.Options),
                PlanText = planText,
                State = nameof(SweepState.Submitted),
                SubmittedAt = UtcNow(),
            };
            context.Sweeps.Add(sweep);
            await context.SaveChangesAsync(cancellationToken);
        }

        return Record(sweep);
    }, cancellationToken);

    public Task<SweepRecord?> FindSweepAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Sweeps.AsNoTracking().FirstOrDefaultAsync(sweep => sweep.Id == sweepId, cancellationToken) is { } found ? Record(found) : null, cancellationToken);

    public Task<IReadOnlyList<SweepRecord>> ListSweepsAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SweepRecord>>(async context =>
        [.. (await context.Sweeps.AsNoTracking().OrderByDescending(sweep => sweep.SubmittedAt).ThenBy(sweep => sweep.Id).ToListAsync(cancellationToken)).Select(Record)], cancellationToken);

    public Task<bool> TrySetStateAsync(string sweepId, IReadOnlyList<SweepState> from, SweepState to, string? reason, CancellationToken cancellationToken) => WriteAsync(async (context, _) =>
    {
        var allowed = from.Select(state => state.ToString()).ToArray();
        var sweep = await context.Sweeps.FirstOrDefaultAsync(row => row.Id == sweepId, cancellationToken);
        if (sweep is null || !allowed.Contains(sweep.State))
            return false;
        sweep.State = to.ToString();
        sweep.Reason = reason;
        sweep.FinishedAt = to is SweepState.Completed or SweepState.Canceled or SweepState.Faulted ? UtcNow() : null;
        await context.SaveChangesAsync(cancellationToken);
        return true;
    }, cancellationToken);

    public Task SaveResolutionAsync(string sweepId, ResolvedPlan resolved, CancellationToken cancellationToken) =>
        UpdateSweepAsync(sweepId, sweep => sweep.Resolution = JsonSerializer.Serialize(resolved, SweepJson.Options), cancellationToken);

    public Task<ResolvedPlan?> LoadResolutionAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Sweeps.Where(sweep => sweep.Id == sweepId).Select(sweep => sweep.Resolution).FirstOrDefaultAsync(cancellationToken) is { } json
            ? JsonSerializer.Deserialize<ResolvedPlan>(json, SweepJson.Options)
            : null, cancellationToken);

    public Task SaveSummaryAsync(string sweepId, SweepSummary summary, CancellationToken cancellationToken) =>
        UpdateSweepAsync(sweepId, sweep => sweep.Summary = JsonSerializer.Serialize(summary, SweepJson.Options), cancellationToken);

    public Task<SweepSummary?> LoadSummaryAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Sweeps.Where(sweep => sweep.Id == sweepId).Select(sweep => sweep.Summary).FirstOrDefaultAsync(cancellationToken) is { } json
            ? JsonSerializer.Deserialize<SweepSummary>(json, SweepJson.Options)
            : null, cancellationToken);

    public Task<IReadOnlyList<SweepJob>> ListJobsAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SweepJob>>(async context =>
    {
        var rows = await context.SweepJobs.AsNoTracking().Where(row => row.SweepId == sweepId).OrderBy(row => row.Ordinal)
            .Join(context.Jobs, row => row.JobKey, job => job.Key, (row, job) => new { row.Ordinal, row.Benchmark, job.Spec }).OrderBy(row => row.Ordinal).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new SweepJob { Ordinal = row.Ordinal, Benchmark = row.Benchmark, Job = Spec(row.Spec) })];
    }, cancellationToken);

    public Task<JobSpec?> FindJobAsync(JobId jobId, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Jobs.Where(job => job.JobId == jobId.Value).Select(job => job.Spec).FirstOrDefaultAsync(cancellationToken) is { } json ? Spec(json) : null, cancellationToken);

    public Task<byte[]?> FindArtifactAsync(string key, CancellationToken cancellationToken) => ReadAsync(context =>
        context.Artifacts.Where(artifact => artifact.Key == key).Select(artifact => artifact.Content).FirstOrDefaultAsync(cancellationToken), cancellationToken);

    public Task SaveArtifactAsync(string key, byte[] content, CancellationToken cancellationToken) => WriteAsync(async (context, _) =>
    {
        if (!await context.Artifacts.AnyAsync(artifact => artifact.Key == key, cancellationToken))
            context.Artifacts.Add(new ArtifactEntity { Key = key, Content = content });
        return await context.SaveChangesAsync(cancellationToken);
    }, cancellationToken);

    public Task<SweepCost> ReadCostAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(async context =>
    {
        var attempts = await context.Attempts.AsNoTracking().Where(attempt => attempt.SweepId == sweepId).ToListAsync(cancellationToken);
        return new SweepCost
        {
            DeviceSeconds = attempts.Sum(attempt => attempt.DeviceSeconds),
            Rows = attempts.Sum(attempt => (long)attempt.RowsAccepted),
            Tokens = attempts.Sum(attempt => attempt.Tokens),
            Attempts = attempts.Count,
            LateWrites = await context.Sweeps.Where(sweep => sweep.Id == sweepId).Select(sweep => sweep.LateWrites).FirstOrDefaultAsync(cancellationToken),
        };
    }, cancellationToken);

    public void Dispose() => _writer.Dispose();

    /// <summary>To the microsecond, which is what is stored.</summary>
    private DateTimeOffset UtcNow()
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.UtcTicks - (now.UtcTicks % 10), TimeSpan.Zero);
    }

    private Task UpdateSweepAsync(string sweepId, Action<SweepEntity> update, CancellationToken cancellationToken) => WriteAsync(async (context, _) =>
    {
        update(await context.Sweeps.FirstAsync(sweep => sweep.Id == sweepId, cancellationToken));
        return await context.SaveChangesAsync(cancellationToken);
    }, cancellationToken);

    /// <summary>One transaction, one writer; a busy or missing database becomes <see cref="StoreUnavailableException"/>.</summary>
    private async Task<T> WriteAsync<T>(Func<SweepDbContext, DbTransactionPair, Task<T>> work, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            await using var context = createContext();
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var result = await work(context, DbTransactionPair.Of(context));
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        catch (DbException exception)
        {
            throw Unavailable(exception);
        }
        catch (DbUpdateException exception) when (exception.InnerException is DbException inner)
        {
            throw Unavailable(inner);
        }
        finally
        {
            _writer.Release();
        }
    }

    private async Task<T> ReadAsync<T>(Func<SweepDbContext, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await using var context = createContext();
            return await work(context);
        }
        catch (DbException exception)
        {
            throw Unavailable(exception);
        }
    }

    private static StoreUnavailableException Unavailable(DbException exception) => new($"the store did not answer: {exception.Message}", exception);

    private static SweepRecord Record(SweepEntity sweep) => new()
    {
        Id = sweep.Id,
        Plan = JsonSerializer.Deserialize<SweepPlan>(sweep.Plan, SweepJson.Options)!,
        PlanText = sweep.PlanText,
        State = Enum.Parse<SweepState>(sweep.State),
        Reason = sweep.Reason,
        SubmittedAt = sweep.SubmittedAt,
        FinishedAt = sweep.FinishedAt,
    };

    private static JobSpec Spec(string json) => JsonSerializer.Deserialize<JobSpec>(json, SweepJson.Options)!;
}
