using CsCheck;
using Sweep.Contracts.Grains;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class FairShareTests
{
    private readonly FairShare _share = new();

    [Fact]
    public void Next_WithoutPendingWork_IsNull()
    {
        _share.Announce(Demand("a", pending: false));
        Assert.Null(_share.Next());
        _share.Withdraw("a");
        _share.Charge("a", 1);
        Assert.Null(_share.Next());
    }

    [Fact]
    public void Next_OfEqualClaims_TakesTurns()
    {
        _share.Announce(Demand("a"));
        _share.Announce(Demand("b"));
        Assert.Equal(["a", "b", "a", "b"], Enumerable.Range(0, 4).Select(_ => _share.Next()!));
    }

    [Fact]
    public void Next_OfTwoOwners_SharesByOwnerAndNotBySweep()
    {
        _share.Announce(Demand("a1", owner: "ann"));
        _share.Announce(Demand("a2", owner: "ann"));
        _share.Announce(Demand("a3", owner: "ann"));
        _share.Announce(Demand("b1", owner: "bob"));
        var served = Serve(600);
        Assert.Equal(300, served["b1"]);
        Assert.Equal([100, 100, 100], new[] { served["a1"], served["a2"], served["a3"] });
    }

    [Fact]
    public void Next_OfOneOwner_SharesByWeight()
    {
        _share.Announce(Demand("light"));
        _share.Announce(Demand("heavy", weight: 3));
        var served = Serve(400);
        Assert.Equal(100, served["light"]);
        Assert.Equal(300, served["heavy"]);
    }

    [Fact]
    public void Next_OfOneOwner_PrefersPriority()
    {
        _share.Announce(Demand("low"));
        _share.Announce(Demand("high", priority: 1));
        Assert.Equal(["high"], Serve(10).Keys);
        _share.Announce(Demand("high", priority: 1, pending: false));
        Assert.Equal("low", _share.Next());
    }

    [Fact]
    public void Announce_OfALateSweep_StartsLevelInsteadOfCatchingUp()
    {
        _share.Announce(Demand("early", owner: "ann"));
        Serve(100);
        _share.Announce(Demand("late", owner: "bob"));
        var served = Serve(100);
        Assert.Equal(50, served["early"]);
        Assert.Equal(50, served["late"]);
    }

    [Fact]
    public void Next_OfRandomCosts_KeepsOwnersWithinTheLargestCost() =>
        Gen.Double[0.1, 5].Array[50, 200].Sample(costs =>
        {
            var share = new FairShare();
            var used = new Dictionary<string, double> { ["a"] = 0, ["b"] = 0, ["c"] = 0 };
            foreach (var owner in used.Keys)
                share.Announce(Demand(owner, owner: owner));
            foreach (var cost in costs)
            {
                var next = share.Next()!;
                used[next] += cost;
                share.Charge(next, cost);
                Assert.True(used.Values.Max() - used.Values.Min() <= costs.Max() + 1e-9);
            }
        }, iter: 100);

    private Dictionary<string, int> Serve(int turns)
    {
        var served = new Dictionary<string, int>();
        for (var turn = 0; turn < turns; turn++)
        {
            var next = _share.Next()!;
            served[next] = served.GetValueOrDefault(next) + 1;
            _share.Charge(next, 1);
        }

        return served;
    }

    private static SweepDemand Demand(string sweep, string owner = "local", int priority = 0, double weight = 1, bool pending = true) =>
        new() { SweepId = sweep, Owner = owner, Priority = priority, Weight = weight, HasPendingWork = pending };
}
