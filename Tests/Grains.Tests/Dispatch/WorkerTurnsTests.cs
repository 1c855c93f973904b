using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class WorkerTurnsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkerTurns _turns;

    public WorkerTurnsTests() => _turns = new WorkerTurns(_ => 1, _time);

    [Fact]
    public void Next_WhileLongBatchesRun_CountsThemInAdvance()
    {
        _turns.Announce(Demand("a") with { BatchSeconds = 30 });
        _turns.Announce(Demand("b"));
        // One of a's batches lasts as long as three of b's.
        Assert.Equal(["a", "b", "b", "b", "a"], Ask("w1", "w2", "w3", "w4", "w5"));
    }

    [Fact]
    public void Accrue_OfATurnThatTakesLongerThanExpected_CountsItWhileItRuns()
    {
        _turns.Announce(Demand("a") with { BatchSeconds = 2 });
        _turns.Announce(Demand("b") with { BatchSeconds = 2 });
        Assert.Equal(["a", "b"], Ask("w1", "w2"));
        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal("b", _turns.Next(Worker("w2"), Report("b", 1)));
        _turns.Accrue();
        // a has had 8 s and b one, with 2 more expected: b's turn until it has as much.
        Assert.Equal(["b", "b", "b", "a"], Ask("w3", "w4", "w5", "w6"));
        _turns.Accrue();
        // Settled by what it took, whatever was charged before: a 8 and 2 expected, b 1 and 8 expected.
        Assert.Equal("b", _turns.Next(Worker("w1"), Report("a", 8)));
    }

    [Fact]
    public void Next_AfterAShortBatch_GivesTheRestBack()
    {
        _turns.Announce(Demand("a"));
        _turns.Announce(Demand("b"));
        Assert.Equal(["a", "b"], Ask("w1", "w2"));
        // 10 s were expected; a took 1, so it is its turn until it had as much as b is expected to have.
        Assert.Equal("a", _turns.Next(Worker("w1"), Report("a", 1)));
        Assert.Equal("b", _turns.Next(Worker("w3"), null));
    }

    [Fact]
    public void Next_OfASweepThatHadNothing_PassesItOverUntilItIsAnnouncedAgain()
    {
        _turns.Announce(Demand("a"));
        _turns.Announce(Demand("b"));
        Assert.Equal("a", _turns.Next(Worker("w1"), null));
        Assert.Equal("b", _turns.Next(Worker("w1"), Report("a", 0, served: false)));
        Assert.Null(_turns.Next(Worker("w1"), Report("b", 0, served: false)));
        _turns.Announce(Demand("a"));
        Assert.Equal("a", _turns.Next(Worker("w1"), null));
        // Announced while the worker asked in vain: it may have work again.
        _turns.Announce(Demand("a"));
        Assert.Equal("a", _turns.Next(Worker("w1"), Report("a", 0, served: false)));
    }

    [Fact]
    public void Next_ForAnotherKindOfDevice_IsPassedOver()
    {
        _turns.Announce(Demand("a") with { DeviceKind = "cuda" });
        Assert.Null(_turns.Next(Worker("w1"), null));
        Assert.Equal("a", _turns.Next(Worker("w2") with { Facts = Facts("cuda") }, null));
        Assert.Equal("a", _turns.Next(Worker("w3") with { Facts = null }, null));
    }

    [Fact]
    public void Next_WithALoadedModel_DelaysTheFairChoiceOnceADevice()
    {
        _turns.Announce(Demand("a") with { Models = ["m1"] });
        _turns.Announce(Demand("b") with { Models = ["m2"] });
        var worker = Worker("w1") with { ResidentModels = ["m1"] };
        Assert.Equal("a", _turns.Next(worker, null));
        // b is behind: once a's model may go first, then not again.
        Assert.Equal("a", _turns.Next(worker, Report("a", 10)));
        Assert.Equal("b", _turns.Next(worker, Report("a", 10)));
    }

    [Fact]
    public void Next_WithALoadedModel_DoesNotDelayAFirstTurn()
    {
        _turns.Announce(Demand("a") with { Models = ["m1"] });
        _turns.Announce(Demand("b") with { Models = ["m2"], HasRun = false });
        var worker = Worker("w1") with { ResidentModels = ["m1"] };
        Assert.Equal("a", _turns.Next(worker, null));
        Assert.Equal("b", _turns.Next(worker, Report("a", 10)));
    }

    [Fact]
    public void Announce_WithIdleWorkers_WakesAsManyAsThereIsWorkFor()
    {
        foreach (var id in new[] { "w1", "w2", "w3" })
            Assert.Null(_turns.Next(Worker(id), null));
        Assert.Null(_turns.Next(Worker("w4") with { ResidentModels = ["m1"] }, null));
        Assert.Equal(["w4", "w1"], _turns.Announce(Demand("a") with { Pending = 2, Models = ["m1"] }));
        Assert.Equal(["w2", "w3"], _turns.Announce(Demand("a") with { Pending = 9 }));
        Assert.Empty(_turns.Announce(Demand("a") with { Pending = 9 }));
    }

    [Fact]
    public void Announce_AfterAFailover_CountsWhatRunsUntilItsWorkersComeBack()
    {
        _turns.Announce(Demand("a") with { Running = 3 });
        _turns.Announce(Demand("b"));
        Assert.Equal(["b", "b", "b"], Ask("n1", "n2", "n3"));
        // Two of the three that ran are done after 4 s instead of 10.
        Assert.Equal("a", _turns.Next(Worker("w1"), Report("a", 4)));
        Assert.Equal("a", _turns.Next(Worker("w2"), Report("a", 4)));
        Assert.Equal("b", _turns.Next(Worker("n4"), null));
    }

    [Fact]
    public void ForgetGone_OfADeadSilo_ChargesWhatItsWorkersHeld()
    {
        _turns.Announce(Demand("a"));
        _turns.Announce(Demand("b"));
        Assert.Equal(["a", "b"], Ask("w1", "w2"));
        _time.Advance(TimeSpan.FromSeconds(4));
        _turns.ForgetGone(id => id == "w1");
        Assert.Equal(["w2"], _turns.Workers.Select(worker => worker.WorkerId));
        // a: 4 s used. b: 10 s under way.
        Assert.Equal("a", _turns.Next(Worker("w3"), null));
    }

    [Fact]
    public void ForgetGone_OfSilentWorkers_KeepsThoseThatWork()
    {
        _turns.Announce(Demand("a"));
        Assert.Equal("a", _turns.Next(Worker("busy"), null));
        _turns.Announce(Demand("a") with { HasPendingWork = false });
        Assert.Null(_turns.Next(Worker("idle"), null));
        _time.Advance(TimeSpan.FromSeconds(31));
        _turns.ForgetGone(_ => false);
        Assert.Equal(["busy"], _turns.Workers.Select(worker => worker.WorkerId));
        _turns.ForgetGone(_ => null);
        Assert.Empty(_turns.Workers);
    }

    [Fact]
    public void Next_OfAWorkerThatFetchesModels_PassesTheSweepOverForItAlone()
    {
        _turns.Announce(Demand("a"));
        Assert.Equal("a", _turns.Next(Worker("w1"), null));
        Assert.Null(_turns.Next(Worker("w1") with { Fetching = ["a"] }, null));
        Assert.Equal("a", _turns.Next(Worker("w2"), null));
        Assert.Equal("a", _turns.Next(Worker("w1"), null));
    }

    [Fact]
    public void Announce_OfASweepWhoseModelsAreFetched_WakesOthers()
    {
        Assert.Null(_turns.Next(Worker("w1") with { Fetching = ["a"] }, null));
        Assert.Null(_turns.Next(Worker("w2"), null));
        Assert.Equal(["w2"], _turns.Announce(Demand("a") with { Pending = 2 }));
    }

    [Fact]
    public void TryYield_ForAFirstTurnWhileEverythingIsTaken_AsksTheLongestRunningWorkerOnce()
    {
        _turns.Announce(Demand("a"));
        Assert.Equal(["a", "a"], Ask("w1", "w2"));
        _turns.Announce(Demand("new") with { HasRun = false });
        Assert.False(_turns.TryYield(out _, out _));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_turns.TryYield(out var worker, out var sweep));
        Assert.Equal(("w1", "a"), (worker, sweep));
        Assert.False(_turns.TryYield(out _, out _));
        Assert.Equal("new", _turns.Next(Worker("w1"), Report("a", 2)));
        Assert.False(_turns.TryYield(out _, out _));
    }

    [Fact]
    public void TryYield_ForASweepThatHadATurn_AsksNobody()
    {
        _turns.Announce(Demand("a"));
        Assert.Equal("a", _turns.Next(Worker("w1"), null));
        _turns.Announce(Demand("b"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_turns.TryYield(out _, out _));
    }

    [Fact]
    public void Capacity_OfTheCluster_CountsWorkersByKindAndKnowsSpeeds()
    {
        _turns.Announce(Demand("a") with { Speeds = [Speed("m1", 5), Speed("m2", 6)], HasPendingWork = false });
        _turns.Next(Worker("w1") with { Facts = Facts("cpu", 8) }, null);
        _turns.Next(Worker("w2") with { Facts = Facts("cpu", 4) }, null);
        _turns.Next(Worker("w3") with { Facts = Facts("cuda") }, null);
        var capacity = _turns.Capacity(Demand("b") with { Models = ["m1"] });
        Assert.Equal(
            [new DeviceGroup { DeviceKind = "cpu", Workers = 2, MemoryBytes = 4 }, new DeviceGroup { DeviceKind = "cuda", Workers = 1 }], capacity.Devices);
        Assert.Equal([Speed("m1", 5)], capacity.Speeds);
    }

    private IEnumerable<string?> Ask(params string[] workers) => [.. workers.Select(worker => _turns.Next(Worker(worker), null))];

    private static WorkerDescription Worker(string id) => new() { WorkerId = id, Device = "cpu:0", Facts = Facts("cpu") };

    private static DeviceFacts Facts(string kind, long memory = 0) => new() { Kind = kind, MemoryBytes = memory };

    private static TurnReport Report(string sweep, double seconds, bool served = true) => new() { SweepId = sweep, Served = served, DeviceSeconds = seconds };

    private static DeviceSpeed Speed(string model, double speed) => new() { Model = model, DeviceKind = "cpu", MultiplyAddsPerSecond = speed };

    /// <summary>A sweep with an owner of its own, whose batches take 10 s.</summary>
    private static SweepDemand Demand(string sweep) =>
        new() { SweepId = sweep, Owner = $"owner of {sweep}", Priority = 0, Weight = 1, HasPendingWork = true, HasRun = true, BatchSeconds = 10 };
}
