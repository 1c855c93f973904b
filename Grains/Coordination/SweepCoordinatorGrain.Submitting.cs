using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>Submission by a client of the cluster; a message takes the same way through the store.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    public async Task<string> SubmitAsync(PlanSubmission submission)
    {
        var submitted = SubmissionReader.Read(new SubmitSweep { PlanText = submission.PlanText, Key = submission.Key, Owner = submission.Owner });
        if (submitted.SweepId != SweepId)
            throw new ArgumentException($"the plan is sweep {submitted.SweepId}, but was sent to {SweepId}: client and silo read it differently", nameof(submission));
        var outcome = await store.SubmitAsync(
            new SweepSubmission { SweepId = SweepId, Plan = submitted.Plan, PlanText = submitted.Text, Key = submission.Key, Reopen = true }, CancellationToken.None);
        var sweepId = outcome.Sweep!.Id;
        if (sweepId == SweepId)
            await StartAsync();
        else
            await GrainFactory.GetGrain<ISweepCoordinatorGrain>(sweepId).StartAsync();
        return sweepId;
    }
}
