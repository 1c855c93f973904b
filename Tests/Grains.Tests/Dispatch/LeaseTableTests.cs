using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Dispatch;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class LeaseTableTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LeaseTable _table;

    public LeaseTableTests() => _table = new LeaseTable(_time);

    [Fact]
    public void Expired_AtTheEndOfTheTerm_HoldsTheLease()
    {
        _table.Add(Lease("a", 1));
        _time.Advance(TimeSpan.FromSeconds(29.999));
        Assert.Empty(_table.Expired());
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal([Lease("a", 1)], _table.Expired());
    }

    [Fact]
    public void Renew_InTime_BeginsANewTerm()
    {
        _table.Add(Lease("a", 1));
        _table.Add(Lease("b", 4));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(_table.TryRenew(Lease("a", 1)));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal([Lease("b", 4)], _table.Expired());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([Lease("a", 1), Lease("b", 4)], _table.Expired());
    }

    [Fact]
    public void Renew_OfExpiredButNotGivenBack_IsAllowed()
    {
        _table.Add(Lease("a", 1));
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.True(_table.TryRenew(Lease("a", 1)));
        Assert.Empty(_table.Expired());
    }

    [Fact]
    public void Renew_WithAnOldToken_IsRefusedAndChangesNothing()
    {
        _table.Add(Lease("a", 1));
        _table.Add(Lease("a", 2));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.False(_table.TryRenew(Lease("a", 1)));
        Assert.False(_table.TryRemove("a", 1));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal([Lease("a", 2)], _table.Expired());
        Assert.True(_table.TryRemove("a", 2));
        Assert.Equal(0, _table.Count);
        Assert.False(_table.TryRenew(Lease("a", 2)));
    }

    [Fact]
    public void Add_AfterAFailover_GivesAFullTermWhateverTheWallClockSays()
    {
        _time.SetUtcNow(_time.GetUtcNow().AddYears(1));
        _table.Add(Lease("a", 7));
        Assert.Empty(_table.Expired());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Single(_table.Expired());
    }

    [Fact]
    public void Expired_OfAWorkerThatIsGone_IsAtOnce()
    {
        _table.Add(Lease("a", 1));
        _table.Add(Lease("b", 1) with { WorkerId = "other" });
        Assert.Equal([Lease("a", 1)], _table.Expired(worker => worker == "worker"));
    }

    [Fact]
    public void Expired_AfterThisProcessHung_CountsOnlyOneStepOfThatTime()
    {
        var table = new LeaseTable(_time, TimeSpan.FromSeconds(10));
        table.Add(Lease("a", 1));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(table.Expired());
        // Stopped for a minute: no renewal could be heard.
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(table.Expired());
        Assert.Equal(TimeSpan.FromSeconds(15), table.OldestAge);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(table.Expired());
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal([Lease("a", 1)], table.Expired());
    }

    [Fact]
    public void FindOf_AWorker_IsWhatItHolds()
    {
        _table.Add(Lease("a", 1));
        _table.Add(Lease("b", 1) with { WorkerId = "other" });
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("b", _table.FindOf("other")!.BatchId);
        Assert.Equal(TimeSpan.FromSeconds(3), _table.AgeOf("b"));
        _table.TryRemove("b", 1);
        Assert.Null(_table.FindOf("other"));
        Assert.Equal(TimeSpan.Zero, _table.AgeOf("b"));
    }

    [Fact]
    public void Renew_ByAnotherWorker_IsRefused()
    {
        _table.Add(Lease("a", 1));
        Assert.False(_table.TryRenew(Lease("a", 1) with { WorkerId = "other" }));
    }

    private static Lease Lease(string batch, long token) => new() { SweepId = "s", BatchId = batch, Token = token, WorkerId = "worker", DurationSeconds = 30 };
}
