using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>A search is two sweeps: the first on items 0 to 5, the second on the rest.</summary>
public sealed class SearchStageTests
{
    private const int Screened = 6;
    private static readonly SweepPlan Plan = Plans.Plan with { Search = new SearchPlan { Method = SearchPlan.Screening, Items = Screened } };
    private static readonly SweepPlan Stage = SearchStages.Before(Plan)!;
    private static readonly string StageId = SweepIds.Of(Stage);
    private readonly StubWork _work = new(TestSilos.Resolved) { Resolve = Resolve };

    [Fact]
    public async Task Search_Submitted_RunsItsStageFirst()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var early = 0;
        _work.BeforeMicroBatch = async (_, batch, _, _) =>
        {
            var stage = await silos.Store.FindSweepAsync(StageId, CancellationToken.None);
            if (batch.SweepId == TestSilos.SweepId && stage?.State != SweepState.Completed)
                Interlocked.Increment(ref early);
        };
        await silos.SubmitAsync(Plan);
        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));

        Assert.Equal((SweepState.Completed, null), Outcome((await silos.Store.FindSweepAsync(StageId, CancellationToken.None))!));
        Assert.Equal(0, early);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        Assert.Equal(2, _work.Resolutions);
        var status = await silos.Coordinator.GetStatusAsync();
        Assert.Equal(("Completed", null, (long)TestSilos.ExpectedRows.Count / 2), (status.State, status.Stage, status.RowsTotal));
    }

    [Fact]
    public async Task Search_WhileItsStageRuns_ShowsHowFarThatIs()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = Hold();
        await silos.SubmitAsync(Plan);
        await silos.UntilAsync("the stage's rows", async () => (await silos.Coordinator.GetStatusAsync()).RowsTotal > 0);
        var status = await silos.Coordinator.GetStatusAsync();
        gate.SetResult();

        Assert.Equal((TestSilos.SweepId, "Submitted", (long)TestSilos.ExpectedRows.Count / 2), (status.SweepId, status.State, status.RowsTotal));
        Assert.StartsWith("screening, ", status.Stage, StringComparison.Ordinal);
        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
    }

    /// <summary>Whoever ran the stage wrote its end, and was gone before the sweep that waited for it moved.</summary>
    [Fact]
    public async Task Search_TakenUpAfterItsStageHadEnded_GoesOnWithoutIt()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        await silos.SubmitAsync(Stage, StageId);
        await silos.EndAsync(StageId);
        var before = _work.Resolutions;
        await silos.SubmitAsync(Plan);

        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
        Assert.Equal((1, 2), (before, _work.Resolutions));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.All(silos.Store.Batches, batch => Assert.Equal(1, batch.Attempts));
    }

    [Fact]
    public async Task Search_WhoseSiloIsKilledBetweenItsStages_EndsWithEveryRowOnce()
    {
        await using var silos = await TestSilos.StartMortalAsync(_work);
        var between = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var resolved = 0;
        _work.BeforeResolve = async () =>
        {
            // The second resolution is the last stage's: the first stage has just ended.
            if (Interlocked.Increment(ref resolved) == 2)
            {
                between.SetResult();
                await gone.Task;
            }
        };
        await silos.SubmitAsync(Plan);
        await between.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await silos.KillAsync(await silos.CoordinatorSiloAsync());
        gone.SetResult();

        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal(0, silos.Store.Shared);
    }

    [Fact]
    public async Task Search_PausedAndResumed_HoldsItsStage()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = Hold();
        await silos.SubmitAsync(Plan);
        await silos.UntilAsync("two leased batches", () => silos.Store.Batches.Count(batch => batch.Status == BatchStatus.Leased) == 2);
        await silos.Coordinator.PauseAsync();
        Assert.Equal((SweepState.Paused, SweepState.Paused), await StatesAsync(silos));
        gate.SetResult();
        await silos.Coordinator.ResumeAsync();

        Assert.Equal((SweepState.Completed, null), Outcome(await silos.EndAsync()));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
    }

    [Fact]
    public async Task Search_Canceled_CancelsItsStage()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = Hold();
        await silos.SubmitAsync(Plan);
        await silos.UntilAsync("two leased batches", () => silos.Store.Batches.Count(batch => batch.Status == BatchStatus.Leased) == 2);
        await silos.Coordinator.CancelAsync();
        Assert.Equal((SweepState.Canceled, SweepState.Canceled), await StatesAsync(silos));
        gate.SetResult();

        Assert.Empty(silos.Store.Ledger);
        Assert.Equal("Canceled", (await silos.Coordinator.GetStatusAsync()).State);
    }

    [Fact]
    public async Task Search_WhoseStageDoesNotResolve_IsFaultedWithItsProblems()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        _work.BeforeResolve = () => throw new InvalidPlanException(["models[0]: no such folder"]);
        await silos.SubmitAsync(Plan);

        Assert.Equal((SweepState.Faulted, "models[0]: no such folder"), Outcome(await silos.EndAsync()));
        Assert.Equal(1, _work.Resolutions);
    }

    private static (SweepState State, string? Reason) Outcome(SweepRecord sweep) => (sweep.State, sweep.Reason);

    private static async Task<(SweepState Sweep, SweepState Stage)> StatesAsync(TestSilos silos) =>
        ((await silos.Store.FindSweepAsync(TestSilos.SweepId, CancellationToken.None))!.State, (await silos.Store.FindSweepAsync(StageId, CancellationToken.None))!.State);

    private static ResolvedPlan Resolve(SweepPlan plan)
    {
        var benchmark = TestSilos.Resolved.Benchmarks[0];
        return TestSilos.Resolved with { Benchmarks = [benchmark with { Items = [.. SearchStages.IsStage(plan) ? benchmark.Items.Take(Screened) : benchmark.Items.Skip(Screened)] }] };
    }

    /// <summary>Every micro-batch waits for it.</summary>
    private TaskCompletionSource Hold()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.BeforeMicroBatch = async (_, _, _, cancellationToken) => await gate.Task.WaitAsync(cancellationToken);
        return gate;
    }
}
