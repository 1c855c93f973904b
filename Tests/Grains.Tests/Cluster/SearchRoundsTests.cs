using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>A race of three rounds, on items 0 to 1, 3 and 5, and a last stage on the rest.</summary>
public sealed class SearchRoundsTests
{
    private static readonly int[] Lengths = [2, 4, 6];
    private static readonly SweepPlan Plan = Plans.Plan with
    {
        Bottlenecks = [new BottleneckPlan { Name = "n0" }],
        Scalars = [2, 3, 4, 5],
        Search = new SearchPlan { Method = SearchPlan.Racing, Saving = 4 },
    };

    private static readonly IReadOnlyList<SweepPlan> Rounds = SearchStages.Chain(Plan);
    private readonly StubWork _work = new(TestSilos.Resolved) { Resolve = Resolve };

    [Fact]
    public async Task Rounds_OfASearch_RunInTheirOrder()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var early = 0;
        _work.BeforeMicroBatch = async (_, batch, _, _) =>
        {
            foreach (var before in Rounds.TakeWhile(round => SweepIds.Of(round) != batch.SweepId))
            {
                if (await StateAsync(silos, before) != SweepState.Completed)
                    Interlocked.Increment(ref early);
            }
        };
        await silos.SubmitAsync(Plan);
        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));

        foreach (var round in Rounds)
            Assert.Equal(SweepState.Completed, await StateAsync(silos, round));
        Assert.Equal((0, 4), (early, _work.Resolutions));

        // A round has the items of the rounds before it, whose rows are there: no row is computed twice.
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
    }

    [Fact]
    public async Task Round_ThatRuns_IsNamedInTheStatus()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gates = Rounds.ToDictionary(SweepIds.Of, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _work.BeforeMicroBatch = async (_, batch, _, cancellationToken) =>
        {
            if (gates.TryGetValue(batch.SweepId, out var gate))
                await gate.Task.WaitAsync(cancellationToken);
        };
        await silos.SubmitAsync(Plan);
        foreach (var (number, round) in Rounds.Index())
        {
            var shown = $"racing, round {number + 1} of 3, running";
            await silos.UntilAsync(shown, async () => (await silos.Coordinator.GetStatusAsync()).Stage == shown);
            var status = await silos.Coordinator.GetStatusAsync();
            Assert.Equal((TestSilos.SweepId, "Submitted", (long)TestSilos.ExpectedRows.Count * Lengths[number] / 12), (status.SweepId, status.State, status.RowsTotal));
            gates[SweepIds.Of(round)].SetResult();
        }

        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
    }

    [Fact]
    public async Task Search_PausedInItsSecondRound_HoldsThatAndGoesOn()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = HoldSecond();
        await silos.SubmitAsync(Plan);
        await silos.UntilAsync("leased batches of the second round", () => IsLeased(silos, Rounds[1]));
        await silos.Coordinator.PauseAsync();
        Assert.Equal((SweepState.Paused, SweepState.Completed, SweepState.Paused), (await StateAsync(silos, null), await StateAsync(silos, Rounds[0]), await StateAsync(silos, Rounds[1])));
        Assert.Null(await StateAsync(silos, Rounds[2]));
        gate.SetResult();
        await silos.Coordinator.ResumeAsync();

        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal(0, silos.Store.Shared);
    }

    [Fact]
    public async Task Search_CanceledInItsSecondRoundAndSubmittedAgain_GoesOnThere()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = HoldSecond();
        await silos.SubmitAsync(Plan);
        await silos.UntilAsync("leased batches of the second round", () => IsLeased(silos, Rounds[1]));
        await silos.Coordinator.CancelAsync();
        Assert.Equal((SweepState.Canceled, SweepState.Completed, SweepState.Canceled), (await StateAsync(silos, null), await StateAsync(silos, Rounds[0]), await StateAsync(silos, Rounds[1])));
        Assert.Null(await StateAsync(silos, Rounds[2]));
        gate.SetResult();
        var resolutions = _work.Resolutions;
        await silos.Store.SubmitAsync(new SweepSubmission { SweepId = TestSilos.SweepId, Plan = Plan, PlanText = "", Reopen = true }, CancellationToken.None);
        await silos.Coordinator.StartAsync();

        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);

        // The second round was resolved before; the first is not looked at again.
        Assert.Equal((2, 4), (resolutions, _work.Resolutions));
    }

    [Fact]
    public async Task Search_WhoseSiloIsKilledInItsSecondRound_EndsWithEveryRowOnce()
    {
        await using var silos = await TestSilos.StartMortalAsync(_work);
        var gate = HoldSecond();
        await silos.SubmitAsync(Plan);
        await silos.UntilAsync("leased batches of the second round", () => IsLeased(silos, Rounds[1]));
        await silos.KillAsync(await silos.CoordinatorSiloAsync());
        gate.SetResult();

        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal(0, silos.Store.Shared);
    }

    [Fact]
    public async Task Search_WhoseSecondRoundIsCanceled_EndsWithIt()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = HoldSecond();
        await silos.SubmitAsync(Plan);
        await silos.UntilAsync("leased batches of the second round", () => IsLeased(silos, Rounds[1]));
        await silos.Cluster.Client.GetGrain<Contracts.Grains.ISweepCoordinatorGrain>(SweepIds.Of(Rounds[1])).CancelAsync();
        gate.SetResult();

        var (state, reason) = Outcome(await silos.EndAsync());
        Assert.Equal(SweepState.Canceled, state);
        Assert.StartsWith($"its stage {SweepIds.Of(Rounds[1])} was ", reason, StringComparison.Ordinal);
    }

    private static (SweepState State, string? Reason) Outcome(SweepRecord sweep) => (sweep.State, sweep.Reason);

    private static bool IsLeased(TestSilos silos, SweepPlan round) =>
        silos.Store.Batches.Any(batch => batch.Id.StartsWith(SweepIds.Of(round), StringComparison.Ordinal) && batch.Status == BatchStatus.Leased);

    /// <param name="round">Null: the sweep that was asked for.</param>
    private static async Task<SweepState?> StateAsync(TestSilos silos, SweepPlan? round) =>
        (await silos.Store.FindSweepAsync(round is null ? TestSilos.SweepId : SweepIds.Of(round), CancellationToken.None))?.State;

    private static ResolvedPlan Resolve(SweepPlan plan)
    {
        var benchmark = TestSilos.Resolved.Benchmarks[0];
        return TestSilos.Resolved with
        {
            Benchmarks = [benchmark with { Items = [.. plan.Search!.Round is { } round ? benchmark.Items.Take(Lengths[round - 1]) : benchmark.Items.Skip(Lengths[^1])] }],
        };
    }

    /// <summary>Every micro-batch of the second round waits for it.</summary>
    private TaskCompletionSource HoldSecond()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = async (_, batch, _, cancellationToken) =>
        {
            if (batch.SweepId == SweepIds.Of(Rounds[1]))
                await gate.Task.WaitAsync(cancellationToken);
        };
        return gate;
    }
}
