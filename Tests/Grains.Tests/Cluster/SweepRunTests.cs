using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

public sealed class SweepRunTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);

    [Fact]
    public async Task Sweep_OnTwoSilos_RunsToCompletedWithEveryRowOnce()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var both = new Barrier(_work);
        await silos.SubmitAsync();
        // Each silo's first micro-batch waits for the other's: both take part.
        var sweep = await silos.EndAsync();

        Assert.Equal((SweepState.Completed, null), (sweep.State, sweep.Reason));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        Assert.All(silos.Store.Batches, batch => Assert.Equal((BatchStatus.Completed, 1, 0), (batch.Status, batch.Attempts, batch.FailedAttempts)));
        Assert.Equal(2, _work.MicroBatchesBySilo.Count);
        Assert.Equal(1, _work.Resolutions);
        Assert.NotNull(await silos.Store.LoadSummaryAsync(TestSilos.SweepId, CancellationToken.None));
        var status = await silos.Coordinator.GetStatusAsync();
        Assert.Equal(("Completed", (long)TestSilos.ExpectedRows.Count, (long)TestSilos.ExpectedRows.Count, 18), (status.State, status.RowsTotal, status.RowsDone, status.Jobs));
        Assert.Equal((silos.Store.Batches.Count, silos.Store.Batches.Count, 0, 0), (status.BatchesTotal, status.BatchesDone, status.BatchesLeased, status.BatchesQuarantined));
        Assert.True(both.Met);
    }

    [Fact]
    public async Task Sweep_WithABatchThatAlwaysThrows_QuarantinesItAtTheThirdAttemptAndCompletes()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        _work.BeforeMicroBatch = (_, batch, _, _) => batch.Id.EndsWith("000001", StringComparison.Ordinal) ? throw new InvalidOperationException("poison") : Task.CompletedTask;
        await silos.SubmitAsync();
        var sweep = await silos.EndAsync();

        Assert.Equal(SweepState.Completed, sweep.State);
        Assert.Equal($"1 quarantined and 0 faulted of {silos.Store.Batches.Count} batches; first sweep-a/000001: attempt 3 of 3: InvalidOperationException: poison", sweep.Reason);
        var poison = Assert.Single(silos.Store.Batches, batch => batch.Status != BatchStatus.Completed);
        Assert.Equal((BatchStatus.Quarantined, 3, 3), (poison.Status, poison.Attempts, poison.FailedAttempts));
        Assert.Equal(TestSilos.ExpectedRows.Count - poison.Rows, silos.Store.Ledger.Count);
        var status = await silos.Coordinator.GetStatusAsync();
        Assert.Equal((1, sweep.Reason), (status.BatchesQuarantined, status.SetAside));
    }

    [Fact]
    public async Task Sweep_WithADeterministicFault_TriesTheBatchOnce()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        _work.BeforeMicroBatch = (_, batch, _, _) => batch.Id.EndsWith("000000", StringComparison.Ordinal) ? throw new JobFaultedException("the file changed") : Task.CompletedTask;
        await silos.SubmitAsync();
        var sweep = await silos.EndAsync();

        Assert.Equal(SweepState.Completed, sweep.State);
        Assert.Equal($"0 quarantined and 1 faulted of {silos.Store.Batches.Count} batches; first sweep-a/000000: the file changed", sweep.Reason);
        var faulted = Assert.Single(silos.Store.Batches, batch => batch.Status != BatchStatus.Completed);
        Assert.Equal((BatchStatus.Faulted, 1, "the file changed"), (faulted.Status, faulted.Attempts, faulted.Reason));
    }

    [Fact]
    public async Task Batch_SetAsideAndRetried_RunsAndItsSweepIsWhole()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        _work.BeforeMicroBatch = (_, batch, _, _) => batch.Id.EndsWith("000001", StringComparison.Ordinal) ? throw new InvalidOperationException("poison") : Task.CompletedTask;
        await silos.SubmitAsync();
        Assert.NotNull((await silos.EndAsync()).Reason);

        _work.BeforeMicroBatch = (_, _, _, _) => Task.CompletedTask;
        Assert.False(await silos.Coordinator.RetryBatchAsync("sweep-a/000000"));
        Assert.True(await silos.Coordinator.RetryBatchAsync("sweep-a/000001"));
        var sweep = await silos.EndAsync();

        Assert.Equal((SweepState.Completed, null), (sweep.State, sweep.Reason));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Equal((0, 0), (silos.Store.Shared, silos.Store.LateWrites));
        var status = await silos.Coordinator.GetStatusAsync();
        Assert.Equal((0, null), (status.BatchesQuarantined, status.SetAside));
    }

    [Fact]
    public async Task Sweep_PausedAndResumed_CompletesWithEveryRowOnce()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var gate = new TaskCompletionSource();
        _work.BeforeMicroBatch = async (_, _, _, cancellationToken) => await gate.Task.WaitAsync(cancellationToken);
        await silos.SubmitAsync();
        await silos.UntilAsync("two leased batches", () => silos.Store.Batches.Count(batch => batch.Status == BatchStatus.Leased) == 2);
        await silos.Coordinator.PauseAsync();
        gate.SetResult();
        await silos.UntilAsync("the end of the leased batches", () => silos.Store.Batches.All(batch => batch.Status != BatchStatus.Leased));
        Assert.Equal("Paused", (await silos.Coordinator.GetStatusAsync()).State);
        Assert.Equal(2, silos.Store.Batches.Count(batch => batch.Status == BatchStatus.Completed));

        await silos.Coordinator.ResumeAsync();
        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.All(silos.Store.Batches, batch => Assert.Equal(1, batch.Attempts));
    }

    [Fact]
    public async Task Sweep_Canceled_StopsItsWorkersAtOnceAndWritesNothingMore()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var (begun, stopped) = (0, 0);
        _work.BeforeMicroBatch = async (_, _, _, cancellationToken) =>
        {
            Interlocked.Increment(ref begun);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                Interlocked.Increment(ref stopped);
            }
        };
        await silos.SubmitAsync();
        await silos.UntilAsync("both workers to be at work", () => Volatile.Read(ref begun) == 2);
        await silos.Coordinator.CancelAsync();
        // Renewal would take 20 s to tell them: the workers' grains do it.
        await silos.UntilAsync("both workers to stop", () => Volatile.Read(ref stopped) == 2);

        Assert.Equal(SweepState.Canceled, (await silos.EndAsync()).State);
        Assert.Empty(silos.Store.Ledger);
        Assert.Equal(2, silos.Store.Batches.Count(batch => batch.Status == BatchStatus.Canceled));
        Assert.Equal("Canceled", (await silos.Coordinator.GetStatusAsync()).State);
    }

    [Fact]
    public async Task Sweep_WithAPlanThatDoesNotResolve_IsFaultedWithEveryProblem()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        _work.BeforeResolve = () => throw new InvalidPlanException(["models[0]: no such folder", "bottlenecks[1].layer: 9, expected below 6"]);
        await silos.SubmitAsync();
        var sweep = await silos.EndAsync();

        Assert.Equal((SweepState.Faulted, "models[0]: no such folder\nbottlenecks[1].layer: 9, expected below 6"), (sweep.State, sweep.Reason));
    }

    [Fact]
    public async Task Sweep_OverItsBudgetOfJobs_IsFaultedBeforeAnyJobIsStored()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        await silos.SubmitAsync(Plans.Plan with { Budget = new BudgetPlan { Jobs = 17 } });
        var sweep = await silos.EndAsync();

        Assert.Equal((SweepState.Faulted, "the plan has 18 jobs, its budget allows 17 (budget.jobs)"), (sweep.State, sweep.Reason));
        Assert.Empty(await silos.Store.ListJobsAsync(TestSilos.SweepId, CancellationToken.None));
    }

    [Fact]
    public async Task Sweep_OfWhichAnotherRecordedEverything_CompletesWithoutWork()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        await silos.SubmitAsync();
        await silos.EndAsync();
        var before = _work.MicroBatchesBySilo.Values.Sum();
        await silos.Store.SubmitAsync("sweep-b", Plans.Plan, "", CancellationToken.None);
        var second = silos.Cluster.Client.GetGrain<Contracts.Grains.ISweepCoordinatorGrain>("sweep-b");
        await second.StartAsync();
        await silos.UntilAsync("the second sweep's end", async () => (await second.GetStatusAsync()).State == "Completed");

        Assert.Equal(before, _work.MicroBatchesBySilo.Values.Sum());
        var status = await second.GetStatusAsync();
        Assert.Equal((0, status.RowsTotal), (status.BatchesTotal, status.RowsDone));
        Assert.Equal(TestSilos.ExpectedRows.Count, status.RowsTotal);
    }

    [Fact]
    public async Task Sweep_WhoseExpansionWasBegunWithOtherOptions_MissesNoRow()
    {
        await using var silos = await TestSilos.StartAsync(_work);
        var planned = Dispatch.BatchCutterTests.PlanAll(TestSilos.Resolved, new() { MinimumBatches = 1000, TargetMicroBatchSeconds = 1e-6 });
        Assert.True(planned[0].ItemIds.Count < TestSilos.Resolved.Benchmarks[0].Items.Count);
        await silos.Store.AddBatchesAsync(planned[..1], CancellationToken.None);
        await silos.SubmitAsync();
        var sweep = await silos.EndAsync();

        Assert.Equal((SweepState.Completed, null), (sweep.State, sweep.Reason));
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
    }

    /// <summary>Holds the first micro-batch of each silo until the other has one too.</summary>
    private sealed class Barrier
    {
        private readonly HashSet<string> _seen = [];
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Barrier(StubWork work) => work.BeforeMicroBatch = async (silo, _, _, cancellationToken) =>
        {
            lock (_seen)
            {
                if (_seen.Add(silo) && _seen.Count == 2)
                    _met.SetResult();
            }

            await _met.Task.WaitAsync(cancellationToken);
        };

        public bool Met => _met.Task.IsCompletedSuccessfully;
    }
}
