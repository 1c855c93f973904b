using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Retention;

namespace Sweep.Dashboard.Actions;

/// <summary>What a viewer may do to sweeps; every page does it through here.</summary>
internal sealed class SweepActions(ISweepStore store, IGrainFactory grains)
{
    public Task PauseAsync(string sweepId) => Coordinator(sweepId).PauseAsync();

    public Task ResumeAsync(string sweepId) => Coordinator(sweepId).ResumeAsync();

    public Task CancelAsync(string sweepId) => Coordinator(sweepId).CancelAsync();

    /// <exception cref="SweepInUseException">It is not at its end.</exception>
    public Task RemoveAsync(string sweepId, CancellationToken cancellationToken) => SweepRetention.RemoveAsync(store, sweepId, cancellationToken);

    /// <summary>Gives a batch that was set aside to the workers again. False: it is not set aside.</summary>
    public Task<bool> RetryAsync(string batchId) => Coordinator(batchId[..batchId.LastIndexOf('/')]).RetryBatchAsync(batchId);

    /// <summary>The id of the sweep that runs.</summary>
    /// <exception cref="InvalidPlanException">Every problem of the plan.</exception>
    public Task<string> SubmitAsync(string planText)
    {
        var plan = PlanReader.Read(planText, "plan");
        return Coordinator(SweepIds.Of(plan)).SubmitAsync(new PlanSubmission { PlanText = planText });
    }

    private ISweepCoordinatorGrain Coordinator(string sweepId) => grains.GetGrain<ISweepCoordinatorGrain>(sweepId);
}
