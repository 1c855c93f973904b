using CsCheck;
using Sweep.Contracts.Grains;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class FairShareTests
{
    private readonly FairShare _share = new(owner => owner == "big" ? 3 : 1);

    [Fact]
    public void Choose_WithoutPendingWork_IsNull()
    {
        _share.Announce(Demand("a", pending: false));
        Assert.Null(Next());
        _share.Withdraw("a");
        _share.Charge("local", "a", 1);
        Assert.Null(Next());
    }

    [Fact]
    public void Choose_OfEqualClaims_TakesTurns()
    {
        _share.Announce(Demand("a"));
        _share.Announce(Demand("b"));
        Assert.Equal(["a", "b", "a", "b"], Enumerable.Range(0, 4).Select(_ => Serve(0).Single().Key));
    }

    [Fact]
    public void Choose_OfTwoOwners_SharesByOwnerAndNotBySweep()
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
    public void Choose_OfOwnersOfDifferentWeights_SharesByThem()
    {
        _share.Announce(Demand("a", owner: "ann"));
        _share.Announce(Demand("b", owner: "big"));
        var served = Serve(400);
        Assert.Equal((100, 300), (served["a"], served["b"]));
    }

    [Fact]
    public void Choose_OfOneOwner_SharesByWeight()
    {
        _share.Announce(Demand("light"));
        _share.Announce(Demand("heavy", weight: 3));
        var served = Serve(400);
        Assert.Equal(100, served["light"]);
        Assert.Equal(300, served["heavy"]);
    }

    [Fact]
    public void Choose_OfOneOwner_PrefersPriority()
    {
        _share.Announce(Demand("low"));
        _share.Announce(Demand("high", priority: 1));
        Assert.Equal(["high"], Serve(10).Keys);
        _share.Announce(Demand("high", priority: 1, pending: false));
        Assert.Equal("low", Next());
    }

    [Fact]
    public void Choose_OfWhatIsNotEligible_PassesItOver()
    {
        _share.Announce(Demand("a", owner: "ann"));
        _share.Announce(Demand("b", owner: "bob"));
        Assert.Equal("b", _share.Choose(demand => demand.Owner != "ann")!.SweepId);
        Assert.Null(_share.Choose(_ => false));
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("ann")]
    public void Announce_OfALateSweep_StartsLevelInsteadOfCatchingUp(string owner)
    {
        _share.Announce(Demand("early", owner: "ann"));
        Serve(100);
        _share.Announce(Demand("late", owner: owner));
        var served = Serve(100);
        Assert.Equal(50, served["early"]);
        Assert.Equal(50, served["late"]);
    }

    [Fact]
    public void Announce_OfALateSweepOfLowPriority_StartsLevelWithItsLikes()
    {
        _share.Announce(Demand("low"));
        Serve(10);
        _share.Announce(Demand("high", priority: 1));
        Serve(1000);
        _share.Announce(Demand("low too"));
        _share.Withdraw("high");
        var served = Serve(100);
        Assert.Equal((50, 50), (served["low"], served["low too"]));
    }

    [Fact]
    public void Announce_AfterEverybodyWasIdle_CatchesNothingUp()
    {
        _share.Announce(Demand("a", owner: "ann"));
        Serve(100);
        _share.Announce(Demand("a", owner: "ann", pending: false));
        _share.Announce(Demand("b", owner: "bob"));
        _share.Announce(Demand("a", owner: "ann"));
        var served = Serve(100);
        Assert.Equal((50, 50), (served["a"], served["b"]));
    }

    [Fact]
    public void Withdraw_OfTheOnlySweep_DoesNotForgiveWhatItsOwnerUsedTooMuch()
    {
        _share.Announce(Demand("a1", owner: "ann"));
        _share.Announce(Demand("b", owner: "bob"));
        _share.Charge("ann", "a1", 50);
        _share.Withdraw("a1");
        _share.Announce(Demand("a2", owner: "ann"));
        Assert.Equal(["b"], Serve(50).Keys);
    }

    [Fact]
    public void Charge_InAdvanceAndGivenBack_ChangesNothing()
    {
        _share.Announce(Demand("a"));
        _share.Announce(Demand("b"));
        _share.Charge("local", "a", 10);
        _share.Charge("local", "a", -10);
        var served = Serve(10);
        Assert.Equal((5, 5), (served["a"], served["b"]));
    }

    [Fact]
    public void Choose_OfRandomCosts_KeepsOwnersWithinTheLargestCost() =>
        Gen.Double[0.1, 5].Array[50, 200].Sample(costs =>
        {
            var share = new FairShare(_ => 1);
            var used = new Dictionary<string, double> { ["a"] = 0, ["b"] = 0, ["c"] = 0 };
            foreach (var owner in used.Keys)
                share.Announce(Demand(owner, owner: owner));
            foreach (var cost in costs)
            {
                var next = share.Choose(_ => true)!.SweepId;
                used[next] += cost;
                share.Take(next, cost);
                Assert.True(used.Values.Max() - used.Values.Min() <= costs.Max() + 1e-9);
            }
        }, iter: 100);

    private string? Next() => _share.Choose(_ => true)?.SweepId;

    /// <summary>So many turns of a second each, or one that costs nothing.</summary>
    private Dictionary<string, int> Serve(int turns)
    {
        var served = new Dictionary<string, int>();
        for (var turn = 0; turn < Math.Max(1, turns); turn++)
        {
            var next = Next()!;
            served[next] = served.GetValueOrDefault(next) + 1;
            _share.Take(next, turns == 0 ? 0 : 1);
        }

        return served;
    }

    private static SweepDemand Demand(string sweep, string owner = "local", int priority = 0, double weight = 1, bool pending = true) =>
        new() { SweepId = sweep, Owner = owner, Priority = priority, Weight = weight, HasPendingWork = pending };
}
