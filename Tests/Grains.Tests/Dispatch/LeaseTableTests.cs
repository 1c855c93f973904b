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

    private static Lease Lease(string batch, long token) => new() { SweepId = "s", BatchId = batch, Token = token, WorkerId = "worker", DurationSeconds = 30 };
}
