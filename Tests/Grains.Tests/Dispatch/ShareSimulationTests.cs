using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

/// <summary>Two hundred workers on one fake clock: what a scheduler's decisions come to over hours.</summary>
public sealed class ShareSimulationTests
{
    private const int Workers = 200;
    private readonly FakeTimeProvider _time = new();
    private readonly WorkerTurns _turns;
    private readonly Dictionary<string, Running> _sweeps = [];
    private readonly PriorityQueue<string, (DateTimeOffset At, int Order)> _events = new();
    private readonly Dictionary<string, TurnReport?> _reports = [];
    private readonly Dictionary<string, DateTimeOffset> _started = [];
    private readonly Dictionary<string, double> _used = new() { ["ann"] = 0, ["bob"] = 0 };
    private Random _random = new(0);
    private int _order;

    public ShareSimulationTests() => _turns = new WorkerTurns(owner => owner == "bob" ? 3 : 1, _time);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Owners_WeightedOneToThree_WithFortyAndTenRandomSweeps_ShareDeviceSecondsSo(int seed)
    {
        _random = new Random(seed);
        foreach (var (owner, count) in new[] { ("ann", 40), ("bob", 10) })
        {
            for (var index = 0; index < count; index++)
                Submit(owner, $"{owner}-{index}", batches: _random.Next(100, 2000), longest: Math.Pow(10, _random.NextDouble() * 2));
        }

        RunWhile(() => HasPending("ann") && HasPending("bob"), TimeSpan.FromHours(4));

        Assert.True(_used["ann"] > Workers * 100, $"ann used {_used["ann"]} s only");
        Assert.InRange(_used["bob"] / _used["ann"], 3 * 0.9, 3 * 1.1);
    }

    [Fact]
    public void Sweeps_OfOneOwner_ShareByWeightWhateverTheirBatchesTake()
    {
        Submit("ann", "light", batches: 100_000, longest: 3);
        Submit("ann", "heavy", batches: 100_000, longest: 40, weight: 2);
        RunWhile(() => true, TimeSpan.FromMinutes(30));

        Assert.InRange(_sweeps["heavy"].Used / _sweeps["light"].Used, 2 * 0.95, 2 * 1.05);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1)]
    public void Sweep_SubmittedWhileLongBatchesRun_HasItsFirstBatchWithin15Seconds(int workers)
    {
        Submit("bob", "long", batches: 100_000, longest: 300);
        RunWhile(() => true, TimeSpan.FromMinutes(10), workers);
        var submitted = _time.GetUtcNow();
        Submit("ann", "late", batches: 10, longest: 5);
        RunWhile(() => _sweeps["late"].FirstBatch is null, TimeSpan.FromSeconds(60), workers);

        Assert.InRange((_sweeps["late"].FirstBatch!.Value - submitted).TotalSeconds, 0, 15);
    }

    [Fact]
    public void Scheduler_ThatStartsAnew_GoesOnWithTheSharesOfWhatRuns()
    {
        Submit("ann", "a", batches: 100_000, longest: 20);
        Submit("bob", "b", batches: 100_000, longest: 20);
        RunWhile(() => true, TimeSpan.FromMinutes(5));
        var (ann, bob) = (_used["ann"], _used["bob"]);
        var anew = new WorkerTurns(owner => owner == "bob" ? 3 : 1, _time);
        foreach (var sweep in _sweeps.Values)
            anew.Announce(sweep.Demand);
        RunWhile(() => true, TimeSpan.FromMinutes(5), turns: anew);

        Assert.InRange((_used["bob"] - bob) / (_used["ann"] - ann), 3 * 0.9, 3 * 1.1);
    }

    private void Submit(string owner, string id, int batches, double longest, double weight = 1)
    {
        var sweep = _sweeps[id] = new Running { Owner = owner, Id = id, Weight = weight, Pending = batches, Longest = longest };
        _turns.Announce(sweep.Demand);
    }

    private bool HasPending(string owner) => _sweeps.Values.Any(sweep => sweep.Owner == owner && sweep.Pending > 0);

    private void RunWhile(Func<bool> goesOn, TimeSpan atMost, int workers = Workers, WorkerTurns? turns = null)
    {
        turns ??= _turns;
        var end = _time.GetUtcNow() + atMost;
        for (var index = _reports.Count; index < workers; index++)
        {
            _reports.Add($"w{index}", null);
            _events.Enqueue($"w{index}", (_time.GetUtcNow(), _order++));
        }

        _events.Enqueue("look", (_time.GetUtcNow(), _order++));
        while (goesOn() && _events.TryDequeue(out var who, out var when))
        {
            if (when.At > end)
            {
                _events.Enqueue(who, when);
                break;
            }

            if (when.At > _time.GetUtcNow())
                _time.SetUtcNow(when.At);
            if (who == "look")
                Look(turns);
            else
                Ask(turns, who, when.At);
        }

        while (_events.Count > 0 && _events.UnorderedItems.Any(pair => pair.Element == "look"))
            _events.Remove("look", out _, out _);
    }

    /// <summary>What the scheduler does once a second; a worker that is asked to yield ends its batch within 2 s.</summary>
    private void Look(WorkerTurns turns)
    {
        turns.ForgetGone(_ => false);
        if (turns.TryYield(out var worker, out _) && _events.Remove(worker, out _, out _))
        {
            var report = _reports[worker]!;
            var sweep = _sweeps[report.SweepId];
            var started = _started[worker];
            Use(sweep, -report.DeviceSeconds);
            var seconds = (_time.GetUtcNow() - started).TotalSeconds + 2;
            Use(sweep, seconds);
            _reports[worker] = report with { DeviceSeconds = seconds };
            _events.Enqueue(worker, (started.AddSeconds(seconds), _order++));
        }

        _events.Enqueue("look", (_time.GetUtcNow().AddSeconds(1), _order++));
    }

    private void Ask(WorkerTurns turns, string worker, DateTimeOffset now)
    {
        var next = turns.Next(new WorkerDescription { WorkerId = worker, Device = "cpu:0" }, _reports[worker]);
        if (_reports[worker] is { } last)
            _sweeps[last.SweepId].Out--;
        _reports[worker] = null;
        if (next is null)
        {
            _events.Enqueue(worker, (now.AddSeconds(1), _order++));
            return;
        }

        var sweep = _sweeps[next];
        sweep.Pending--;
        sweep.Out++;
        sweep.FirstBatch ??= now;
        var seconds = sweep.Longest * (0.2 + 0.8 * _random.NextDouble());
        Use(sweep, seconds);
        _started[worker] = now;
        _reports[worker] = new TurnReport { SweepId = next, Served = true, DeviceSeconds = seconds };
        _events.Enqueue(worker, (now.AddSeconds(seconds), _order++));
        turns.Announce(sweep.Demand);
    }

    private void Use(Running sweep, double seconds)
    {
        sweep.Used += seconds;
        _used[sweep.Owner] += seconds;
    }

    private sealed class Running
    {
        public required string Owner { get; init; }

        public required string Id { get; init; }

        public required double Weight { get; init; }

        public required int Pending { get; set; }

        public required double Longest { get; init; }

        /// <summary>Batches that run.</summary>
        public int Out { get; set; }

        public double Used { get; set; }

        public DateTimeOffset? FirstBatch { get; set; }

        /// <summary>Its estimate of a batch is off by up to 5 times.</summary>
        public SweepDemand Demand => new()
        {
            SweepId = Id,
            Owner = Owner,
            Priority = 0,
            Weight = Weight,
            HasPendingWork = Pending > 0,
            Pending = Pending,
            HasRun = FirstBatch is not null,
            BatchSeconds = Longest,
            Running = Out,
        };
    }
}
