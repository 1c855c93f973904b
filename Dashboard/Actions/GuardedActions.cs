using System.Security.Claims;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Persistence.Access;
using Sweep.Persistence.Retention;

namespace Sweep.Dashboard.Actions;

/// <summary>
/// Everything that pages and the API change. Each action asks the store at that moment whether its caller may, and is in the journal before it begins: what cannot be noted is not done.
/// </summary>
public sealed class GuardedActions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ISweepStore _store;
    private readonly IGrainFactory _grains;
    private readonly IdentityCheck _identities;

    internal GuardedActions(ISweepStore store, IGrainFactory grains, IdentityCheck identities) => (_store, _grains, _identities) = (store, grains, identities);

    /// <param name="who">The caller.</param>
    /// <param name="planText">YAML or JSON.</param>
    /// <param name="key">The caller's own name for the submission: a second one under it is the first one's sweep. Null: none.</param>
    /// <param name="cancellationToken">Ends the wait; what was sent goes on.</param>
    public async Task<ActionOutcome> SubmitAsync(ClaimsPrincipal who, string planText, string? key, CancellationToken cancellationToken)
    {
        SweepPlan plan;
        try
        {
            plan = PlanReader.Read(planText, "plan");
        }
        catch (InvalidPlanException refused)
        {
            return await RefuseAsync(who, key, refused, cancellationToken);
        }

        if (SubmissionReader.KeyProblem(key) is { } problem)
            return ActionOutcome.Not(ActionKind.Invalid, problem);
        var id = SweepIds.Of(plan);
        return await RunAsync(who, AccessRole.Operator, JournalEntry.Submit, id, () => SubmitAsync(id, planText, key, cancellationToken), cancellationToken);
    }

    public Task<ActionOutcome> CancelAsync(ClaimsPrincipal who, string sweepId, CancellationToken cancellationToken) =>
        ChangeAsync(who, sweepId, "sweep.cancel", SweepTransition.Cancel, coordinator => coordinator.CancelAsync(), cancellationToken);

    public Task<ActionOutcome> PauseAsync(ClaimsPrincipal who, string sweepId, CancellationToken cancellationToken) =>
        ChangeAsync(who, sweepId, "sweep.pause", SweepTransition.Pause, coordinator => coordinator.PauseAsync(), cancellationToken);

    public Task<ActionOutcome> ResumeAsync(ClaimsPrincipal who, string sweepId, CancellationToken cancellationToken) =>
        ChangeAsync(who, sweepId, "sweep.resume", SweepTransition.Resume, coordinator => coordinator.ResumeAsync(), cancellationToken);

    /// <summary>Removes a sweep at its end, and its results that no other sweep has.</summary>
    public Task<ActionOutcome> RemoveAsync(ClaimsPrincipal who, string sweepId, CancellationToken cancellationToken) => RunAsync(who, AccessRole.Admin, "sweep.remove", sweepId, async () =>
    {
        try
        {
            return (await SweepRetention.RemoveAsync(_store, sweepId, cancellationToken)).Sweeps.Count == 1 ? ActionOutcome.Done(sweepId) : Missing(sweepId);
        }
        catch (SweepInUseException refused)
        {
            return ActionOutcome.Not(ActionKind.Conflict, refused.Message, sweepId);
        }
    }, cancellationToken);

    /// <summary>Gives a batch that was set aside to the workers again.</summary>
    public Task<ActionOutcome> RetryAsync(ClaimsPrincipal who, string batchId, CancellationToken cancellationToken)
    {
        var sweepId = batchId[..Math.Max(0, batchId.LastIndexOf('/'))];
        return RunAsync(who, AccessRole.Operator, "batch.retry", batchId, async () =>
            await _grains.GetGrain<ISweepCoordinatorGrain>(sweepId).RetryBatchAsync(batchId).WaitAsync(Patience, cancellationToken)
                ? ActionOutcome.Done(sweepId)
                : ActionOutcome.Not(ActionKind.Conflict, $"{batchId}: found it not set aside, or its sweep canceled", sweepId), cancellationToken);
    }

    /// <summary>Nothing was begun; why is kept, as for plans that come by messages.</summary>
    private async Task<ActionOutcome> RefuseAsync(ClaimsPrincipal who, string? key, InvalidPlanException refused, CancellationToken cancellationToken)
    {
        try
        {
            var entry = new JournalEntry
            {
                Actor = Identities.ActorOf(who),
                Action = JournalEntry.Submit,
                Target = key ?? "",
                Origin = Identities.OriginOf(who),
                Outcome = JournalOutcome.Refused,
                Detail = refused.Message,
            };
            await _store.Access().WriteJournalAsync(entry, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // What is wrong with the plan is no less true.
        }

        return new ActionOutcome { Kind = ActionKind.Invalid, Message = "the plan cannot be run", Problems = refused.Placed };
    }

    private async Task<ActionOutcome> SubmitAsync(string id, string planText, string? key, CancellationToken cancellationToken)
    {
        var before = await _store.FindSweepAsync(id, cancellationToken);
        var submitted = await _grains.GetGrain<ISweepCoordinatorGrain>(id).SubmitAsync(new PlanSubmission { PlanText = planText, Key = key }).WaitAsync(Patience, cancellationToken);
        return submitted == id
            ? ActionOutcome.Done(id) with { Created = before is null }
            : ActionOutcome.Not(ActionKind.Conflict, $"key: found '{key}', which was used for sweep {submitted}, a plan other than this one; expected a key of its own", submitted);
    }

    private Task<ActionOutcome> ChangeAsync(
        ClaimsPrincipal who, string sweepId, string action, Func<SweepRecord, SweepTransition> change, Func<ISweepCoordinatorGrain, Task> call, CancellationToken cancellationToken) =>
        RunAsync(who, AccessRole.Operator, action, sweepId, async () =>
        {
            if (await _store.FindSweepAsync(sweepId, cancellationToken) is not { } sweep)
                return Missing(sweepId);
            var transition = change(sweep);
            // Asked for again it is done already.
            if (sweep.State != transition.To && !transition.From.Contains(sweep.State))
                return ActionOutcome.Not(ActionKind.Conflict, $"{sweepId}: found it {sweep.State}, expected it {string.Join(" or ", transition.From)}", sweepId);
            await call(_grains.GetGrain<ISweepCoordinatorGrain>(sweepId)).WaitAsync(Patience, cancellationToken);
            return ActionOutcome.Done(sweepId);
        }, cancellationToken);

    private async Task<ActionOutcome> RunAsync(
        ClaimsPrincipal who, AccessRole needed, string action, string target, Func<Task<ActionOutcome>> work, CancellationToken cancellationToken)
    {
        try
        {
            var entry = new JournalEntry { Actor = Identities.ActorOf(who), Action = action, Target = target, Origin = Identities.OriginOf(who), Outcome = JournalOutcome.Asked };
            var role = await _identities.RoleAsync(who, cancellationToken);
            if (role is null || role < needed)
            {
                var message = $"found {(role is null ? "nobody who is known" : $"role {role}")}, expected role {needed}";
                await _store.Access().WriteJournalAsync(entry with { Outcome = JournalOutcome.Refused, Detail = message }, cancellationToken);
                return ActionOutcome.Not(ActionKind.Denied, message);
            }

            var id = await _store.Access().WriteJournalAsync(entry, cancellationToken);
            var outcome = await GuardAsync(work);
            // Also where the caller has gone away since.
            await _store.Access().EndJournalAsync(id, Ending(outcome.Kind), outcome.Message, CancellationToken.None);
            return outcome;
        }
        catch (StoreUnavailableException exception)
        {
            return ActionOutcome.Not(ActionKind.Unavailable, exception.Message);
        }
    }

    private static async Task<ActionOutcome> GuardAsync(Func<Task<ActionOutcome>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or GrainCallFailedException or StoreUnavailableException)
        {
            return ActionOutcome.Not(ActionKind.Unavailable, $"the cluster did not answer: {exception.Message}");
        }
    }

    private static JournalOutcome Ending(ActionKind kind) => kind switch
    {
        ActionKind.Done => JournalOutcome.Done,
        ActionKind.Unavailable => JournalOutcome.Failed,
        _ => JournalOutcome.Refused,
    };

    private static ActionOutcome Missing(string sweepId) => ActionOutcome.Not(ActionKind.NotFound, $"sweep '{sweepId}': found none of this id");
}
