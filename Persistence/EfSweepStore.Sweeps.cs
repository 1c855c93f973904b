using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Entities;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>Sweeps, their states and their jobs.</summary>
internal sealed partial class EfSweepStore
{
    public Task<SubmitOutcome> SubmitAsync(SweepSubmission submission, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        if (submission.Message is { } message && !await NoteAsync(database, message, cancellationToken))
            return new SubmitOutcome { Sweep = await FindAsync(database.Context, submission, cancellationToken), Created = false, Duplicate = true };
        const string Insert = """
            INSERT INTO sweeps (id, name, owner, plan, plan_text, state, submitted_at, late_writes, submit_key)
            VALUES (@id, @name, @owner, @plan, @text, 'Submitted', @now, 0, @key) ON CONFLICT DO NOTHING
            """;
        await using var insert = database.Command(Insert)
            .With("@id", submission.SweepId).With("@name", submission.Plan.Name).With("@owner", submission.Plan.Owner)
            .With("@plan", JsonSerializer.Serialize(submission.Plan, SweepJson.Options)).With("@text", ItemText.Clean(submission.PlanText))
            .With("@now", Microseconds.Of(time.GetUtcNow())).With("@key", submission.Key);
        var created = await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
        if (!created && submission.Reopen)
            await ReopenAsync(database, submission, cancellationToken);
        if (!created && submission.Key is { } key && !await database.Context.Sweeps.AnyAsync(row => row.SubmitKey == key, cancellationToken))
        {
            // The same plan came before without a key: later messages under this key mean that sweep.
            await database.Context.Sweeps.Where(row => row.Id == submission.SweepId && row.SubmitKey == null)
                .ExecuteUpdateAsync(update => update.SetProperty(row => row.SubmitKey, key), cancellationToken);
        }

        var sweep = await FindAsync(database.Context, submission, cancellationToken);
        if (created)
            await SendAsync(database, events?.OnSubmitted(sweep!), cancellationToken);
        return new SubmitOutcome { Sweep = sweep, Created = created, Duplicate = false };
    }, cancellationToken);

    /// <summary>A key of another submission leaves this plan's sweep alone.</summary>
    private async Task ReopenAsync(StoreTransaction database, SweepSubmission submission, CancellationToken cancellationToken)
    {
        if (submission.Key is { } key && await database.Context.Sweeps.AnyAsync(row => row.SubmitKey == key, cancellationToken))
            return;
        await using var update = database.Command("UPDATE sweeps SET state = 'Submitted', reason = NULL, finished_at = NULL WHERE id = @id AND state IN ('Canceled', 'Faulted')").With("@id", submission.SweepId);
        if (await update.ExecuteNonQueryAsync(cancellationToken) == 1)
            await SendAsync(database, events?.OnSubmitted((await FindAsync(database.Context, submission.SweepId, cancellationToken))!), cancellationToken);
    }

    public Task<SweepRecord?> FindSweepAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(context => FindAsync(context, sweepId, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<SweepRecord>> ListSweepsAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SweepRecord>>(async context =>
        [.. (await Headers(context.Sweeps).ToListAsync(cancellationToken)).Select(Record).OrderByDescending(sweep => sweep.SubmittedAt).ThenBy(sweep => sweep.Id, StringComparer.Ordinal)],
        cancellationToken);

    public Task<bool> TrySetStateAsync(
        string sweepId, IReadOnlyList<SweepState> from, SweepState to, string? reason, InboxMessage? message, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        if (message is not null && !await NoteAsync(database, message, cancellationToken))
            return false;
        var allowed = string.Join(", ", from.Select(state => $"'{state}'"));
        await using var update = database.Command($"UPDATE sweeps SET state = @to, reason = @reason, finished_at = @finished WHERE id = @id AND state IN ({allowed})")
            .With("@to", to.ToString()).With("@reason", ItemText.Clean(reason)).With("@id", sweepId)
            .With("@finished", to is SweepState.Completed or SweepState.Canceled or SweepState.Faulted ? Microseconds.Of(time.GetUtcNow()) : null);
        if (await update.ExecuteNonQueryAsync(cancellationToken) == 0)
            return false;
        if (events is not null)
        {
            var sweep = (await FindAsync(database.Context, sweepId, cancellationToken))!;
            var resolved = await database.Context.Sweeps.AnyAsync(row => row.Id == sweepId && row.Resolution != null, cancellationToken);
            await SendAsync(database, events.OnStateChanged(new SweepStateChange { Sweep = sweep, Resolved = resolved }), cancellationToken);
        }

        // Batches are added while the sweep runs: jobs of later ones that the ledger held already end with it.
        if (to is SweepState.Running or SweepState.Completed)
            await EndJobsAsync(database, sweepId, database.Command(LedgerSql.EndRecordedJobs).With("@sweep", sweepId), cancellationToken);
        return true;
    }, cancellationToken);

    public Task AddJobsAsync(string sweepId, IReadOnlyList<SweepJob> jobs, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        var rows = JsonSerializer.Serialize(jobs.Select(job => new
        {
            Job = job.Job.Id.Value,
            Spec = JsonSerializer.Serialize(job.Job, SweepJson.Options),
            job.Ordinal,
            job.Benchmark,
        }), SweepJson.Options);
        await dialect.ShareKeysAsync(database, cancellationToken);
        await using var insert = database.Command(LedgerSql.InsertJobs(dialect)).With("@rows", rows);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await using var link = database.Command(LedgerSql.InsertSweepJobs(dialect)).With("@rows", rows).With("@sweep", sweepId);
        return await link.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken);

    public Task<IReadOnlyList<SweepJob>> ListJobsAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SweepJob>>(async context =>
    {
        var rows = await context.SweepJobs.AsNoTracking().Where(row => row.SweepId == sweepId)
            .Join(context.Jobs, row => row.JobKey, job => job.Key, (row, job) => new { row.Ordinal, row.Benchmark, job.Spec }).OrderBy(row => row.Ordinal).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new SweepJob { Ordinal = row.Ordinal, Benchmark = row.Benchmark, Job = Spec(row.Spec) })];
    }, cancellationToken);

    private static async Task<SweepRecord?> FindAsync(SweepDbContext context, string sweepId, CancellationToken cancellationToken) =>
        await Headers(context.Sweeps.Where(sweep => sweep.Id == sweepId)).FirstOrDefaultAsync(cancellationToken) is { } found ? Record(found) : null;

    /// <summary>The sweep that has the key, else the one that has the id.</summary>
    private static async Task<SweepRecord?> FindAsync(SweepDbContext context, SweepSubmission submission, CancellationToken cancellationToken) =>
        submission.Key is { } key && await Headers(context.Sweeps.Where(sweep => sweep.SubmitKey == key)).FirstOrDefaultAsync(cancellationToken) is { } found
            ? Record(found)
            : await FindAsync(context, submission.SweepId, cancellationToken);

    /// <summary>Without resolution and summary, which can be large.</summary>
    private static IQueryable<SweepHeader> Headers(IQueryable<SweepEntity> sweeps) => sweeps.Select(sweep => new SweepHeader
    {
        Id = sweep.Id,
        Plan = sweep.Plan,
        PlanText = sweep.PlanText,
        State = sweep.State,
        Reason = sweep.Reason,
        SubmittedAt = sweep.SubmittedAt,
        FinishedAt = sweep.FinishedAt,
        SubmitKey = sweep.SubmitKey,
    });

    private static SweepRecord Record(SweepHeader sweep) => new()
    {
        Id = sweep.Id,
        Plan = JsonSerializer.Deserialize<SweepPlan>(sweep.Plan, SweepJson.Options)!,
        PlanText = sweep.PlanText,
        SubmitKey = sweep.SubmitKey,
        State = Enum.Parse<SweepState>(sweep.State),
        Reason = sweep.Reason,
        SubmittedAt = sweep.SubmittedAt,
        FinishedAt = sweep.FinishedAt,
    };

    private sealed record SweepHeader
    {
        public required string Id { get; init; }

        public required string Plan { get; init; }

        public required string PlanText { get; init; }

        public required string State { get; init; }

        public string? Reason { get; init; }

        public required DateTimeOffset SubmittedAt { get; init; }

        public DateTimeOffset? FinishedAt { get; init; }

        public string? SubmitKey { get; init; }
    }
}
