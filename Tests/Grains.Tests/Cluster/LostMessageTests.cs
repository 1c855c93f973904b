using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>Calls that do not arrive, or whose answers do not.</summary>
public sealed class LostMessageTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);
    private readonly LossyNetwork _network = new();

    [Fact]
    public async Task Grant_WhoseAnswerIsLost_IsGivenAgainToTheSameWorker()
    {
        var lost = 0;
        _network.Lose = call => call.MethodName == nameof(ISweepCoordinatorGrain.PullAsync) && _work.Resolutions > 0 && Interlocked.Increment(ref lost) <= 6 ? Loss.Answer : Loss.Nothing;
        await using var silos = await TestSilos.StartAsync(_work, network: _network);
        await silos.SubmitAsync();
        await silos.EndAsync();

        Assert.True(lost > 6);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        // A lease that nobody knew of would have lasted a minute, and ended as a failed attempt.
        Assert.All(silos.Store.Batches, batch => Assert.Equal((BatchStatus.Completed, 1, 0), (batch.Status, batch.Attempts, batch.FailedAttempts)));
    }

    [Fact]
    public async Task Grant_OfTheLastBatch_WhoseAnswersAreLost_IsGivenAgainThoughNothingIsAnnounced()
    {
        await using var silos = await TestSilos.StartAsync(_work, leaseSeconds: 600, network: _network);
        var lost = 0;
        _network.LoseAnswer = call => call.Result is WorkGrant { Kind: WorkKind.RunBatch }
            && silos.Store.Batches.All(batch => batch.Status != BatchStatus.Pending) && Interlocked.Increment(ref lost) <= 3;
        await silos.SubmitAsync();
        await silos.EndAsync();

        Assert.True(lost > 3);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.All(silos.Store.Batches, batch => Assert.Equal((BatchStatus.Completed, 1, 0), (batch.Status, batch.Attempts, batch.FailedAttempts)));
    }

    [Theory]
    [InlineData(Loss.Question)]
    [InlineData(Loss.Answer)]
    public async Task Digest_OfACompletedBatch_LostForGood_CostsNoAttempt(object loss)
    {
        _network.Lose = call => call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is BatchDigest { Progress: BatchProgress.Completed } digest
            && digest.Lease.BatchId.EndsWith("000001", StringComparison.Ordinal) ? (Loss)loss : Loss.Nothing;
        // The lease of that batch has to expire, and no other's.
        await using var silos = await TestSilos.StartAsync(_work, leaseSeconds: 3, network: _network);
        await silos.SubmitAsync();
        var sweep = await silos.EndAsync();

        Assert.Equal((SweepState.Completed, null), (sweep.State, sweep.Reason));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.All(silos.Store.Batches, batch => Assert.Equal((BatchStatus.Completed, 1, 0), (batch.Status, batch.Attempts, batch.FailedAttempts)));
        var status = await silos.Coordinator.GetStatusAsync();
        Assert.Equal((status.RowsTotal, status.BatchesTotal), (status.RowsDone, status.BatchesDone));
    }

    [Fact]
    public async Task Digests_OfMicroBatches_AllLost_CostNoRow()
    {
        _network.Lose = call => call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is BatchDigest { Progress: BatchProgress.MicroBatch } ? Loss.Question : Loss.Nothing;
        await using var silos = await TestSilos.StartAsync(_work, network: _network);
        await silos.SubmitAsync();
        await silos.EndAsync();

        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
    }

    [Fact]
    public async Task Announcements_AllLost_StopNothingThatIsAnnouncedLater()
    {
        var lost = 0;
        _network.Lose = call => call.MethodName == nameof(ISchedulerGrain.AnnounceAsync) && Interlocked.Increment(ref lost) <= 5 ? Loss.Question : Loss.Nothing;
        await using var silos = await TestSilos.StartAsync(_work, network: _network);
        await silos.SubmitAsync();

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
    }
}
