using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class BatchBoardTests
{
    private readonly BatchBoard _board = new();

    [Fact]
    public void Choose_WithAResidentModel_PrefersItsBatches()
    {
        Put("s/0", "w0");
        Put("s/1", "w1");
        Assert.Equal("s/1", _board.Choose("w1")!.Id);
        Assert.Equal("s/0", _board.Choose(null)!.Id);
        Assert.Equal("s/0", _board.Choose("w9")!.Id);
    }

    [Fact]
    public void Choose_WithoutAResidentModel_TakesTheModelThatFewestWorkersRun()
    {
        Put("s/0", "w0");
        Put("s/1", "w0");
        Put("s/2", "w1");
        _board.Granted(Lease("s/0", 1));
        Assert.Equal("s/2", _board.Choose(null)!.Id);
        _board.Granted(Lease("s/2", 1));
        Assert.Equal("s/1", _board.Choose("w1")!.Id);
    }

    [Fact]
    public void Ended_ThroughAllWays_CountsRowsAndAttempts()
    {
        Put("s/0", "w0");
        Put("s/1", "w0");
        _board.Granted(Lease("s/0", 1));
        _board.Progressed(Lease("s/0", 1), 4);
        Assert.Equal((20L, 4L), (_board.Rows, _board.RowsDone));
        _board.Ended("s/0", 1, BatchStatus.Pending, "broke", failed: true);
        Assert.Equal((1, 1), (_board.Find("s/0")!.FailedAttempts, _board.Find("s/0")!.Attempts));
        _board.Granted(Lease("s/0", 2));
        Assert.Equal(0, _board.RowsDone);
        _board.Ended("s/0", 1, BatchStatus.Completed, null, failed: false);
        Assert.Equal(BatchStatus.Leased, _board.Find("s/0")!.Status);
        _board.Ended("s/0", 2, BatchStatus.Completed, null, failed: false);
        Assert.Equal(10, _board.RowsDone);
        Assert.False(_board.AllEnded);
        _board.Granted(Lease("s/1", 1));
        _board.Ended("s/1", 1, BatchStatus.Quarantined, "poison", failed: true);
        Assert.True(_board.AllEnded);
        Assert.Equal(["s/1"], _board.SetAside.Select(record => record.Id));
        Assert.Null(_board.Choose("w0"));
    }

    [Theory]
    [InlineData(0, BatchStatus.Pending)]
    [InlineData(1, BatchStatus.Pending)]
    [InlineData(2, BatchStatus.Quarantined)]
    [InlineData(5, BatchStatus.Quarantined)]
    public void AttemptPolicy_OfThree_QuarantinesAtTheThirdFailure(int failedBefore, BatchStatus expected) => Assert.Equal(expected, new AttemptPolicy(3).After(failedBefore));

    private void Put(string id, string model) =>
        _board.Put(new BatchRecord { Id = id, Status = BatchStatus.Pending, Token = 0, Attempts = 0, FailedAttempts = 0, WeightsHash = model, Rows = 10 });

    private static Lease Lease(string batch, long token) => new() { SweepId = "s", BatchId = batch, Token = token, WorkerId = "worker", DurationSeconds = 30 };
}
