using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteLedgerTests() : LedgerContract(new SqliteHome());

public sealed class PostgresLedgerTests(PostgresServer server) : LedgerContract(new PostgresHome(server));

/// <summary>Leases and ledger rows, the same on every database.</summary>
public abstract class LedgerContract(StoreHome home) : IAsyncLifetime
{
    private ISweepStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await home.OpenAsync();
        await Rows.PrepareAsync(_store, Token);
    }

    public ValueTask DisposeAsync() => home.DisposeAsync();

    [Fact]
    public async Task Grant_Pending_GivesRisingTokensAndCountsAttempts()
    {
        var first = await GrantAsync(0, "a");
        Assert.Equal(1, first!.Token);
        Assert.Equal(Rows.SweepId, first.SweepId);
        Assert.Null(await GrantAsync(0, "b"));
        var second = await GrantAsync(1, "b");
        Assert.Equal(2, second!.Token);
        var batch = Assert.Single(await _store.ListBatchesAsync(Rows.SweepId, Token));
        Assert.Equal((BatchStatus.Leased, 2L, 2, 0, "b"), (batch.Status, batch.Token, batch.Attempts, batch.FailedAttempts, batch.WorkerId));
    }

    [Fact]
    public async Task Grant_ManyAtOnce_OneWins()
    {
        var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(() => GrantAsync(0, $"w{worker}"), Token)));
        Assert.Single(leases, lease => lease is not null);
    }

    [Fact]
    public async Task Record_CurrentToken_WritesEachPairOnce()
    {
        var lease = (await GrantAsync(0, "a"))!;
        var outcome = await _store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0), Rows.Result(0, 1)), Token);
        Assert.Equal((2, 0, false), (outcome.Accepted, outcome.Shared, outcome.Late));
        outcome = await _store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 1), Rows.Result(0, 2)), Token);
        Assert.Equal((1, 1, false), (outcome.Accepted, outcome.Shared, outcome.Late));
        Assert.Equal(3, (await _store.CountRecordedAsync([Rows.Jobs[0].Id], Rows.Batch.ItemIds, Token))[Rows.Jobs[0].Id]);
        Assert.Equal(3, (await _store.ListRecordedAsync(Rows.Batch, Token)).Count);
        var cost = await _store.ReadCostAsync(Rows.SweepId, Token);
        Assert.Equal((1.0, 3L, 40L, 1, 0), (cost.DeviceSeconds, cost.Rows, cost.Tokens, cost.Attempts, cost.LateWrites));
    }

    [Fact]
    public async Task Record_StaleToken_WritesNothingAndIsCounted()
    {
        var stale = (await GrantAsync(0, "a"))!;
        await GrantAsync(1, "b");
        var outcome = await _store.RecordAsync(stale, Rows.Micro(Rows.Result(0, 0), Rows.Result(1, 0)), Token);
        Assert.Equal((0, 0, true), (outcome.Accepted, outcome.Shared, outcome.Late));
        Assert.Empty(await _store.ListRecordedAsync(Rows.Batch, Token));
        Assert.Equal(2, (await _store.ReadCostAsync(Rows.SweepId, Token)).LateWrites);
        Assert.Equal(2, Convert.ToInt32(await home.ExecuteAsync("SELECT rows_rejected FROM attempts WHERE token = 1"), null));
    }

    [Fact]
    public async Task Retry_BatchSetAside_RunsAgainWithItsSweep()
    {
        var lease = (await GrantAsync(0, "a"))!;
        Assert.False(await _store.RetryBatchAsync(lease.BatchId, Token));
        Assert.True(await _store.EndLeaseAsync(lease, BatchStatus.Quarantined, "poison", Token));
        await _store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted, SweepState.Running], SweepState.Completed, "1 quarantined", Token);

        Assert.True(await _store.RetryBatchAsync(lease.BatchId, Token));
        Assert.False(await _store.RetryBatchAsync(lease.BatchId, Token));

        var batch = Assert.Single(await _store.ListBatchesAsync(Rows.SweepId, Token));
        Assert.Equal((BatchStatus.Pending, 1L, 1, 0, null), (batch.Status, batch.Token, batch.Attempts, batch.FailedAttempts, batch.Reason));
        var sweep = (await _store.FindSweepAsync(Rows.SweepId, Token))!;
        Assert.Equal((SweepState.Running, null, null), (sweep.State, sweep.Reason, sweep.FinishedAt));
        Assert.Equal(0, Convert.ToInt32(await home.ExecuteAsync("SELECT count(*) FROM sweep_jobs WHERE outcome IS NOT NULL OR open_batches <> 1"), null));

        // Its end counts like the first one.
        var again = (await GrantAsync(1, "b"))!;
        Assert.True(await _store.EndLeaseAsync(again, BatchStatus.Completed, null, Token));
        Assert.Equal(0, Convert.ToInt32(await home.ExecuteAsync("SELECT count(*) FROM sweep_jobs WHERE outcome <> 'Completed' OR open_batches <> 0"), null));
    }

    [Fact]
    public async Task Retry_CanceledSweep_StaysAsItIs()
    {
        var lease = (await GrantAsync(0, "a"))!;
        await _store.EndLeaseAsync(lease, BatchStatus.Faulted, "broken", Token);
        await _store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted, SweepState.Running], SweepState.Canceled, null, Token);

        Assert.False(await _store.RetryBatchAsync(lease.BatchId, Token));
    }

    [Fact]
    public async Task ListAttempts_OfAJob_HasEveryGrantOfItsBatchesNewestFirst()
    {
        var first = (await GrantAsync(0, "a"))!;
        await _store.RecordAsync(first, Rows.Micro(Rows.Result(0, 0)), Token);
        await _store.EndLeaseAsync(first, BatchStatus.Pending, "it broke", Token);
        await GrantAsync(1, "b");

        var attempts = await ((ISweepInspection)_store).ListAttemptsAsync(Rows.SweepId, [.. Rows.Jobs.Select(job => job.Id)], 10, Token);

        Assert.Equal([(2L, "b", null, null), (1L, "a", "Failed", "it broke")], attempts.OrderByDescending(attempt => attempt.Token).Select(attempt => (attempt.Token, attempt.WorkerId, attempt.Outcome, attempt.Reason)));
        Assert.Equal(1, attempts.Single(attempt => attempt.Token == 1).RowsAccepted);
        Assert.Single(await ((ISweepInspection)_store).ListAttemptsAsync(Rows.SweepId, [Rows.Jobs[0].Id], 1, Token));
        Assert.Empty(await ((ISweepInspection)_store).ListAttemptsAsync("other", [Rows.Jobs[0].Id], 10, Token));
    }

    [Fact]
    public async Task Grant_TwoStoresOfTwoProcesses_OneWins()
    {
        var other = await home.OpenAsync();
        for (var token = 0; token < 20; token++)
        {
            var expected = token;
            ISweepStore[] stores = [_store, other];
            var leases = await Task.WhenAll(stores.Select((store, index) => Task.Run(() => store.TryGrantAsync(Rows.Batch.Id, expected, $"w{index}", 30, Token), Token)));
            var lease = Assert.Single(leases, lease => lease is not null);
            Assert.Equal(token + 1, lease!.Token);
        }

        Assert.Equal(20, (await _store.ReadCostAsync(Rows.SweepId, Token)).Attempts);
    }

    [Fact]
    public async Task Record_WhileAnotherStoreGrants_NoRowIsWrittenAfterTheGrant()
    {
        // Whoever comes second waits for the other's transaction: no row appears after the next holder has read what is there.
        var other = await home.OpenAsync();
        var token = 0L;
        for (var round = 0; round < 12; round++)
        {
            var lease = (await GrantAsync(token, "a"))!;
            var pair = Rows.Result(round % 2, round / 2 % 3);
            var record = Task.Run(() => _store.RecordAsync(lease, Rows.Micro(pair), Token), Token);
            var next = (await other.TryGrantAsync(Rows.Batch.Id, lease.Token, "b", 30, Token))!;
            var seen = await other.ListRecordedAsync(Rows.Batch, Token);
            var outcome = await record;
            Assert.Equal(seen.Order(), (await _store.ListRecordedAsync(Rows.Batch, Token)).Order());
            Assert.Equal(outcome.Late ? 0 : 1, outcome.Accepted + outcome.Shared);
            token = next.Token;
        }
    }

    [Fact]
    public async Task Record_AfterTheLeaseEnded_IsLate()
    {
        var lease = (await GrantAsync(0, "a"))!;
        Assert.True(await _store.EndLeaseAsync(lease, BatchStatus.Completed, null, Token));
        Assert.True((await _store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0)), Token)).Late);
        Assert.False(await _store.EndLeaseAsync(lease, BatchStatus.Completed, null, Token));
    }

    [Theory]
    [InlineData(BatchStatus.Pending, null, 0)]
    [InlineData(BatchStatus.Pending, "it threw", 1)]
    [InlineData(BatchStatus.Quarantined, "three times", 1)]
    [InlineData(BatchStatus.Faulted, "too long", 0)]
    public async Task EndLease_Outcomes_CountAsFailedOnlyWhatFailed(BatchStatus status, string? reason, int failed)
    {
        Assert.True(await _store.EndLeaseAsync((await GrantAsync(0, "a"))!, status, reason, Token));
        var batch = Assert.Single(await _store.ListBatchesAsync(Rows.SweepId, Token));
        Assert.Equal((status, failed, reason), (batch.Status, batch.FailedAttempts, batch.Reason));
    }

    [Fact]
    public async Task VoidLeases_AfterAKilledProcess_MakesBatchesPendingAndTheirTokensStale()
    {
        var lease = (await GrantAsync(0, "a"))!;
        Assert.Equal(1, await _store.VoidLeasesAsync(Token));
        Assert.True((await _store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0)), Token)).Late);
        Assert.Equal(2, (await GrantAsync(1, "b"))!.Token);
    }

    [Fact]
    public async Task RandomHistories_AgreeWithAModelOfTheRules()
    {
        // 0 grant, 1 record, 2 complete, 3 expire, 4 void; by one of three workers that keep their last lease.
        var random = new Random(11);
        var leases = new Lease?[3];
        var (status, token, recorded, late) = (BatchStatus.Pending, 0L, new HashSet<(int, int)>(), 0);
        for (var step = 0; step < 300; step++)
        {
            var worker = random.Next(3);
            var lease = leases[worker];
            var current = lease is not null && status == BatchStatus.Leased && lease.Token == token;
            switch (random.Next(5))
            {
                case 0:
                    var granted = await GrantAsync(token, $"w{worker}");
                    Assert.Equal(status is BatchStatus.Pending or BatchStatus.Leased, granted is not null);
                    if (granted is not null)
                        (leases[worker], status, token) = (granted, BatchStatus.Leased, token + 1);
                    break;
                case 1 when lease is not null:
                    var (job, item) = (random.Next(2), random.Next(3));
                    var outcome = await _store.RecordAsync(lease, Rows.Micro(Rows.Result(job, item)), Token);
                    Assert.Equal(!current, outcome.Late);
                    late += current ? 0 : 1;
                    Assert.Equal(current && recorded.Add((job, item)) ? 1 : 0, outcome.Accepted);
                    break;
                case 2 when lease is not null:
                    Assert.Equal(current, await _store.EndLeaseAsync(lease, BatchStatus.Pending, null, Token));
                    status = current ? BatchStatus.Pending : status;
                    break;
                case 3 when lease is not null:
                    Assert.Equal(current, await _store.ExpireLeaseAsync(lease.BatchId, lease.Token, BatchStatus.Pending, "gone", Token));
                    status = current ? BatchStatus.Pending : status;
                    break;
                case 4:
                    await _store.VoidLeasesAsync(Token);
                    status = status == BatchStatus.Leased ? BatchStatus.Pending : status;
                    break;
            }
        }

        Assert.Equal(recorded.Count, (await _store.ListRecordedAsync(Rows.Batch, Token)).Count);
        Assert.Equal(late, (await _store.ReadCostAsync(Rows.SweepId, Token)).LateWrites);
    }

    private Task<Lease?> GrantAsync(long expected, string worker) => _store.TryGrantAsync(Rows.Batch.Id, expected, worker, 30, Token);
}
