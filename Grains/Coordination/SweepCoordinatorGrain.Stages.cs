using System.Text.Json;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>
/// A sweep with stages before it stays submitted until the last of them is complete. Each is a sweep of its own in the store, submitted once the one before it is complete: whoever takes this
/// one up again submits it again, which changes nothing, and takes it up, too. The stage that runs is held when this sweep is, and stopped when it is.
/// </summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>The stage that this sweep waits for, and how far that is; null: it waits for none.</summary>
    private (SweepPlan Plan, SweepStatus Status)? _stage;

    /// <summary>The stage that was taken up here.</summary>
    private string? _openStage;
    private double _secondsOfStages;

    /// <summary>True: there is nothing to wait for. A stage that came to nothing ends this sweep as it ended.</summary>
    private async Task<bool> AreStagesCompleteAsync(CancellationToken cancellationToken)
    {
        if (await NextStageAsync(cancellationToken) is not var (next, stage))
        {
            await SettleStagesAsync(cancellationToken);
            return true;
        }

        var id = SweepIds.Of(next);
        if (stage is null || _openStage != id)
            stage = await OpenStageAsync(next, cancellationToken);
        switch (stage.State)
        {
            case SweepState.Completed:
                // The tick that is told of it goes on with the next one.
                WakeUp();
                return false;
            case SweepState.Faulted or SweepState.Canceled:
                await MoveAsync(stage.State, stage.State == SweepState.Faulted ? stage.Reason : $"its stage {id} was {stage.Reason}", SweepState.Submitted);
                return false;
            default:
                await AskStageAsync(id, async grain => _stage = (next, await grain.GetStatusAsync()));
                return false;
        }
    }

    /// <summary>The first stage that is not complete, and what the store has of it; null: all are complete. A stage that was removed after a later one had begun is not missed.</summary>
    private async Task<(SweepPlan Plan, SweepRecord? Record)?> NextStageAsync(CancellationToken cancellationToken)
    {
        (SweepPlan, SweepRecord?)? next = null;
        for (var before = SearchStages.Before(_record!.Plan); before is not null; before = SearchStages.Before(before))
        {
            var stage = await store.FindSweepAsync(SweepIds.Of(before), cancellationToken);
            if (stage is { State: SweepState.Completed })
                break;
            next = (before, stage);
            if (stage is not null)
                break;
        }

        return next;
    }

    private async Task<SweepRecord> OpenStageAsync(SweepPlan plan, CancellationToken cancellationToken)
    {
        var text = JsonSerializer.Serialize(plan, SweepJson.Indented);
        var submission = new SweepSubmission { SweepId = SweepIds.Of(plan), Plan = plan, PlanText = text, Reopen = true };
        var stage = (await store.SubmitAsync(submission, cancellationToken)).Sweep!;
        if (stage.State.IsFinal() || await AskStageAsync(stage.Id, grain => stage.State == SweepState.Paused ? grain.ResumeAsync() : grain.StartAsync()))
            _openStage = stage.Id;
        return stage;
    }

    /// <summary>What the stages cost counts against this sweep's budget.</summary>
    private async Task SettleStagesAsync(CancellationToken cancellationToken)
    {
        if (_record is null)
            return;
        _stage = null;
        _secondsOfStages = 0;
        foreach (var stage in SearchStages.Chain(_record.Plan))
            _secondsOfStages += (await store.ReadCostAsync(SweepIds.Of(stage), cancellationToken)).DeviceSeconds;
    }

    /// <summary>A sweep that waits for a stage is paused and canceled with it.</summary>
    private async Task TellStageAsync()
    {
        if (_record is null || _state is not (SweepState.Paused or SweepState.Canceled) || await NextStageAsync(CancellationToken.None) is not var (_, found))
            return;
        _openStage = null;
        if (found is not { } stage || stage.State.IsFinal() || stage.State == _state)
            return;
        await AskStageAsync(stage.Id, grain => _state == SweepState.Paused ? grain.PauseAsync() : grain.CancelAsync());
    }

    /// <summary>False: it did not answer, for instance because its silo is gone. The next tick asks again.</summary>
    private async Task<bool> AskStageAsync(string id, Func<ISweepCoordinatorGrain, Task> ask)
    {
        try
        {
            await ask(GrainFactory.GetGrain<ISweepCoordinatorGrain>(id));
            return true;
        }
        catch (Exception exception)
        {
            LogStageAway(SweepId, id, exception.Message);
            return false;
        }
    }
}
