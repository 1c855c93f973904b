using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Retention;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteAuditTests() : AuditContract(new SqliteHome())
{
    [Fact]
    public async Task Audit_RowsOfAVersionThatMarkedNone_AreTakenForWhatItsAttemptsLack()
    {
        await FinishAsync();
        await Home.ExecuteAsync("UPDATE item_results SET attempt = NULL");
        var audit = await AuditAsync();
        Assert.Empty(audit.Problems);
        Assert.Equal((6L, 0L), (audit.Account.Unmarked, audit.Account.Marked));
    }
}

public sealed class PostgresAuditTests(PostgresServer server) : AuditContract(new PostgresHome(server))
{
    [Fact]
    public async Task Audit_RowsWhoseJobIsGone_AreOrphans()
    {
        await FinishAsync();
        await Home.ExecuteAsync("DELETE FROM items WHERE item_id = 'item-1'");
        var audit = await AuditAsync();
        Assert.Equal(2, audit.Orphans.RowsWithoutItem);
        Assert.Contains("2 rows of the store refer to nothing", audit.Problems);
    }
}

/// <summary>What an audit proves and what it finds, the same on every database: each test spoils a finished sweep in one way.</summary>
public abstract class AuditContract(StoreHome home) : IAsyncLifetime
{
    private ISweepStore _store = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected StoreHome Home => home;

    public async ValueTask InitializeAsync()
    {
        _store = await home.OpenAsync();
        await Rows.PrepareAsync(_store, Token);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    [Fact]
    public async Task Audit_OfWhatAKilledWorkerAndALateOneLeft_IsCleanAndCountsThem()
    {
        // A worker is killed after one row; another's lease expires and its rows come late; the third finishes, and sends two rows again.
        var killed = await GrantAsync(0, "killed");
        await RecordAsync(killed, (0, 0));
        await _store.ExpireLeaseAsync(Rows.Batch.Id, 1, BatchStatus.Pending, "worker killed was lost", Token);
        var hung = await GrantAsync(1, "hung");
        var last = await GrantAsync(2, "last");
        Assert.True((await RecordAsync(hung, (0, 1), (0, 2))).Late);
        await RecordAsync(last, (0, 0), (0, 1), (0, 2), (1, 0));
        await RecordAsync(last, (1, 0), (1, 1), (1, 2));
        await _store.EndLeaseAsync(last, BatchStatus.Completed, null, Token);
        await CompleteAsync();

        var audit = await AuditAsync();
        Assert.Empty(audit.Problems);
        Assert.True(audit.Clean);
        Assert.Equal((2, 6L, 6L, 0L), (audit.Jobs, audit.RowsExpected, audit.RowsRecorded, audit.RowsOfOtherItemSets));
        Assert.Equal(new RowAccount { Accepted = 6, Marked = 6, Shared = 2, Rejected = 2, LateWrites = 2, OfOtherSweeps = 0, OfRemovedSweeps = 0, Unmarked = 0 }, audit.Account);
        Assert.Equal(
            [("killed", "Pending", 1, 0, 0), ("hung", null, 0, 0, 2), ("last", "Completed", 5, 2, 0)],
            audit.Attempts.Select(attempt => (attempt.WorkerId, attempt.Outcome == "Failed" ? "Pending" : attempt.Outcome, attempt.RowsAccepted, attempt.RowsShared, attempt.RowsRejected)));
    }

    [Fact]
    public async Task Audit_RowThatIsMissingWithoutAReason_IsAProblem()
    {
        await FinishAsync();
        await home.ExecuteAsync("DELETE FROM item_results WHERE item_key = (SELECT key FROM items WHERE item_id = 'item-1') AND job_key = (SELECT min(job_key) FROM sweep_jobs)");
        var audit = await AuditAsync();
        Assert.Contains(audit.Problems, problem => problem.EndsWith("on squad: 1 of 3 items have no row, and nothing says why", StringComparison.Ordinal));
        Assert.Contains(audit.Problems, problem => problem.EndsWith("token 1: says it wrote 6 rows, found 5", StringComparison.Ordinal));
        Assert.Equal((3, 1), (Assert.Single(audit.Incomplete).Expected, audit.Incomplete[0].Missing));
        Assert.Empty(audit.Incomplete[0].Reasons);
    }

    [Theory]
    [InlineData(BatchStatus.Quarantined, "killed its worker 3 times")]
    [InlineData(BatchStatus.Faulted, "too long")]
    public async Task Audit_BatchSetAside_SaysHowManyAreMissingAndWhy(BatchStatus status, string reason)
    {
        var lease = await GrantAsync(0, "w");
        await RecordAsync(lease, (0, 0));
        await _store.EndLeaseAsync(lease, status, reason, Token);
        await CompleteAsync();
        var audit = await AuditAsync();
        Assert.Empty(audit.Problems);
        Assert.Equal([2, 3], audit.Incomplete.Select(job => job.Missing).Order());
        Assert.All(audit.Incomplete, job => Assert.Equal([$"batch {Rows.Batch.Id} {status}: {reason}"], job.Reasons));
    }

    [Fact]
    public async Task Audit_OfACanceledSweep_SaysSoForWhatIsMissing()
    {
        await RecordAsync(await GrantAsync(0, "w"), (0, 0));
        await _store.ExpireLeaseAsync(Rows.Batch.Id, 1, BatchStatus.Canceled, "canceled by its user", Token);
        await _store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Canceled, "canceled by its user", Token);
        var audit = await AuditAsync();
        Assert.Empty(audit.Problems);
        Assert.All(audit.Incomplete, job => Assert.Equal(["sweep Canceled: canceled by its user"], job.Reasons));
    }

    [Theory]
    [InlineData("UPDATE attempts SET rows_accepted = rows_accepted + 1", "says it wrote 7 rows, found 6")]
    [InlineData("UPDATE item_results SET attempt = 1 WHERE item_key = (SELECT min(item_key) FROM item_results)", "says it wrote 6 rows, found 4")]
    [InlineData("UPDATE sweeps SET late_writes = 3", "attempts say that 0 of their rows came too late, the sweep says 3")]
    [InlineData("UPDATE batches SET attempts = 2, token = 2", "was granted 2 times up to token 2, found attempts with tokens 1")]
    [InlineData("UPDATE attempts SET outcome = 'Failed'", "is Completed, found 0 attempts that completed it")]
    [InlineData("DELETE FROM sweep_jobs WHERE ordinal = 1", "1 of 2 jobs of the plan are not among the sweep's")]
    public async Task Audit_CountsThatDoNotAgree_AreProblems(string spoil, string problem)
    {
        await FinishAsync();
        Assert.Empty((await AuditAsync()).Problems);
        await home.ExecuteAsync(spoil);
        Assert.EndsWith(problem, Assert.Single((await AuditAsync()).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_RowsThatOtherSweepsWrote_AreCountedAsTheirs()
    {
        await FinishAsync();
        await _store.SubmitAsync("second", Rows.Plan, "text", Token);
        await _store.SaveResolutionAsync("second", Rows.Resolved, Token);
        await _store.AddJobsAsync("second", Rows.SweepJobs, Token);
        await _store.TrySetStateAsync("second", [SweepState.Submitted], SweepState.Completed, null, Token);
        var audit = await AuditAsync("second");
        Assert.Empty(audit.Problems);
        Assert.Equal((6L, 0L, 6L, 0L), (audit.RowsRecorded, audit.Account.Accepted, audit.Account.OfOtherSweeps, audit.Account.OfRemovedSweeps));

        await SweepRetention.RemoveAsync(_store, Rows.SweepId, Token);
        audit = await AuditAsync("second");
        Assert.Empty(audit.Problems);
        Assert.Equal((6L, 0L, 6L), (audit.RowsRecorded, audit.Account.OfOtherSweeps, audit.Account.OfRemovedSweeps));
    }

    [Fact]
    public async Task Sample_OfASeed_IsTheSameRowsAndOfAnotherSeedOthers()
    {
        await FinishAsync();
        var first = await SampleAsync(4, seed: 1);
        Assert.Equal(4, first.Distinct().Count());
        Assert.Equal(first, await SampleAsync(4, seed: 1));
        Assert.Equal(6, (await SampleAsync(20, seed: 1)).Length);
        Assert.Contains(await Task.WhenAll(Enumerable.Range(2, 8).Select(seed => SampleAsync(4, seed))), other => !other.SequenceEqual(first));
    }

    protected async Task<SweepAudit> AuditAsync(string sweepId = Rows.SweepId) => (await SweepAuditor.AuditAsync(_store, sweepId, 0, 0, Token)).Audit;

    /// <summary>All rows in one attempt.</summary>
    protected async Task FinishAsync()
    {
        var lease = await GrantAsync(0, "w");
        await RecordAsync(lease, (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2));
        await _store.EndLeaseAsync(lease, BatchStatus.Completed, null, Token);
        await CompleteAsync();
    }

    private async Task<string[]> SampleAsync(int size, int seed) =>
        [.. (await SweepAuditor.AuditAsync(_store, Rows.SweepId, size, seed, Token)).Sample.Rows.Select(pair => $"{pair.Job.Id} {pair.Row.ItemId}").Order(StringComparer.Ordinal)];

    private Task<bool> CompleteAsync() => _store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Completed, null, Token);

    private async Task<Lease> GrantAsync(long expected, string worker) => (await _store.TryGrantAsync(Rows.Batch.Id, expected, worker, 30, Token))!;

    private Task<RecordOutcome> RecordAsync(Lease lease, params (int Job, int Item)[] pairs) =>
        _store.RecordAsync(lease, Rows.Micro([.. pairs.Select(pair => Rows.Result(pair.Job, pair.Item))]), Token);
}
