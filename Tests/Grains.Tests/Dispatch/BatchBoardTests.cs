using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class BatchBoardTests
{
    private readonly BatchBoard _board = new("s");

    [Fact]
    public void Take_WithLoadedModels_PrefersTheirBatches()
    {
        Put(0, "w0");
        Put(1, "w1");
        Put(2, "w2");
        Assert.Equal("s/000000", _board.Next?.Id);
        Assert.Equal("s/000001", Take("w1"));
        Assert.Equal("s/000000", Take());
        Assert.Equal("s/000002", _board.Next?.Id);
        Assert.Equal("s/000002", Take("w9"));
        Assert.Null(_board.Next);
        Assert.Null(Take());
    }

    [Fact]
    public void Take_WithoutALoadedModel_TakesTheModelThatFewestWorkersRun()
    {
        Put(0, "w0");
        Put(1, "w0");
        Put(2, "w1");
        Grant(Take());
        Assert.Equal("s/000002", Take());
        Assert.Equal("s/000001", Take("w1"));
    }

    [Fact]
    public void Take_Twice_NeverGivesTheSameBatchUntilItIsPutBack()
    {
        Put(0, "w0");
        Put(1, "w0");
        Assert.Equal(2, _board.Available);
        Assert.Equal("s/000000", Take());
        Assert.Equal("s/000001", Take());
        Assert.Equal(0, _board.Available);
        _board.PutBack("s/000000");
        Assert.Equal("s/000000", Take());
        Grant("s/000000");
        _board.PutBack("s/000000");
        Assert.Null(Take());
    }

    [Fact]
    public void Take_OfTheBatchHeldBack_WaitsUntilMoreAreToCome()
    {
        Put(0, "w0");
        Put(1, "w0");
        _board.HeldBack = 1;
        Assert.Equal(1, _board.Available);
        Assert.Equal("s/000000", Take());
        Assert.Equal((null, 0), (Take(), _board.Available));
        Assert.Empty(_board.AvailableModels);
        Assert.False(_board.AllEnded);
        _board.HeldBack = null;
        Assert.Equal(["w0"], _board.AvailableModels);
        Assert.Equal("s/000001", Take());
    }

    [Fact]
    public void Put_OfANewerRecord_TakesTheBatchFromWhoWasAboutToGrantIt()
    {
        Put(0, "w0");
        Assert.Equal("s/000000", Take());
        _board.Put(Record(0, "w0") with { Status = BatchStatus.Leased, Token = 1, WorkerId = "other", Attempts = 1 });
        _board.PutBack("s/000000");
        Assert.Equal((null, "other"), (Take(), _board.Find("s/000000")!.WorkerId));
        _board.Put(Record(0, "w0") with { Token = 1, Attempts = 1 });
        Assert.Equal("s/000000", Take());
    }

    [Fact]
    public void Ended_ThroughAllWays_CountsRowsAndAttempts()
    {
        Put(0, "w0");
        Put(1, "w0");
        Assert.False(_board.HasRun);
        Grant("s/000000");
        Assert.True(_board.HasRun);
        _board.Progressed(Lease("s/000000", 1), 4);
        Assert.Equal((20L, 4L), (_board.Rows, _board.RowsDone));
        Assert.True(_board.Ended("s/000000", 1, BatchStatus.Pending, "broke", failed: true));
        Assert.Equal((1, 1), (_board.Find("s/000000")!.FailedAttempts, _board.Find("s/000000")!.Attempts));
        Grant("s/000000", 2);
        Assert.Equal(0, _board.RowsDone);
        Assert.False(_board.Ended("s/000000", 1, BatchStatus.Completed, null, failed: false));
        Assert.Equal(BatchStatus.Leased, _board.Find("s/000000")!.Status);
        Assert.True(_board.Ended("s/000000", 2, BatchStatus.Completed, null, failed: false));
        Assert.Equal(10, _board.RowsDone);
        Assert.False(_board.AllEnded);
        Grant("s/000001");
        Assert.Null(_board.SetAsideNote);
        Assert.True(_board.Ended("s/000001", 1, BatchStatus.Quarantined, "poison", failed: true));
        Assert.True(_board.AllEnded);
        Assert.Equal(["s/000001"], _board.SetAside.Select(record => record.Id));
        Assert.Equal("1 quarantined and 0 faulted of 2 batches; first s/000001: poison", _board.SetAsideNote);
        Assert.Equal((null, 2), (Take("w0"), _board.NextNumber));
    }

    [Fact]
    public void Retried_BatchSetAside_WaitsAsIfItHadNeverFailed()
    {
        Put(1, "w0");
        Grant("s/000001");
        Assert.True(_board.Ended("s/000001", 1, BatchStatus.Quarantined, "poison", failed: true));

        _board.Retried("s/000001");
        _board.Retried("s/000001");

        Assert.Null(_board.SetAsideNote);
        Assert.Equal((1, false), (_board.Available, _board.AllEnded));
        var record = _board.Find("s/000001")!;
        Assert.Equal((BatchStatus.Pending, 1L, 1, 0), (record.Status, record.Token, record.Attempts, record.FailedAttempts));
    }

    [Fact]
    public void Find_OfWhatIsNoBatchOfIt_IsNull()
    {
        Put(3, "w0");
        Assert.Equal((1, 4), (_board.Total, _board.NextNumber));
        Assert.Null(_board.Find("s/000002"));
        Assert.Null(_board.Find("s/000009"));
        Assert.Null(_board.Find("s/Summarize"));
        Assert.False(_board.Ended("s/Summarize", 1, BatchStatus.Pending, null, failed: false));
        _board.Progressed(Lease("s/Summarize", 1), 1);
    }

    [Theory]
    [InlineData(0, BatchStatus.Pending)]
    [InlineData(1, BatchStatus.Pending)]
    [InlineData(2, BatchStatus.Quarantined)]
    [InlineData(5, BatchStatus.Quarantined)]
    public void AttemptPolicy_OfThree_QuarantinesAtTheThirdFailure(int failedBefore, BatchStatus expected) => Assert.Equal(expected, new AttemptPolicy(3).After(failedBefore));

    private string? Take(params string[] loaded) => _board.Take(loaded.Contains)?.Id;

    private void Grant(string? id, long token = 1) => _board.Granted(Lease(id!, token));

    private void Put(int number, string model) => _board.Put(Record(number, model));

    private static BatchRecord Record(int number, string model) =>
        new() { Id = BatchIds.Of("s", number), Status = BatchStatus.Pending, Token = 0, Attempts = 0, FailedAttempts = 0, WeightsHash = model, Rows = 10 };

    private static Lease Lease(string batch, long token) => new() { SweepId = "s", BatchId = batch, Token = token, WorkerId = "worker", DurationSeconds = 30 };
}
