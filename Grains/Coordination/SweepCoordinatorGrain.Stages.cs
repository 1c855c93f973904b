using System.Text.Json;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>
/// A sweep with a stage before it stays submitted until that is complete. The stage is a sweep of its own in the store: whoever takes this one up again submits it again, which changes
/// nothing, and takes it up, too. A stage is held when this sweep is, and stopped when it is.
/// </summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>Of the stage that this sweep waits for; null: it waits for none.</summary>
    private SweepStatus? _stage;
    private bool _stageIsOpen;
    private double _secondsOfStage;

    /// <summary>True: there is nothing to wait for. A stage that came to nothing ends this sweep as it ended.</summary>
    private async Task<bool> IsStageCompleteAsync(CancellationToken cancellationToken)
    {
        if (SearchStages.Before(_record!.Plan) is not { } before)
            return true;
        var id = SweepIds.Of(before);
        if (!_stageIsOpen)
            await OpenStageAsync(before, cancellationToken);
        var stage = await store.FindSweepAsync(id, cancellationToken);
        switch (stage?.State)
        {
            case SweepState.Completed:
                await SettleStageAsync(cancellationToken);
                return true;
            case SweepState.Faulted or SweepState.Canceled:
                await MoveAsync(stage.State, stage.State == SweepState.Faulted ? stage.Reason : $"its stage {id} was {stage.Reason}", SweepState.Submitted);
                return false;
            case null:
                // It was removed while this sweep waited for it.
                _stageIsOpen = false;
                return false;
            default:
                await AskStageAsync(id, async stage => _stage = await stage.GetStatusAsync());
                return false;
        }
    }

    private async Task OpenStageAsync(SweepPlan before, CancellationToken cancellationToken)
    {
        var text = JsonSerializer.Serialize(before, SweepJson.Indented);
        var submission = new SweepSubmission { SweepId = SweepIds.Of(before), Plan = before, PlanText = text, Reopen = true };
        var stage = (await store.SubmitAsync(submission, cancellationToken)).Sweep!;
        _stageIsOpen = stage.State.IsFinal()
            || await AskStageAsync(stage.Id, grain => stage.State == SweepState.Paused ? grain.ResumeAsync() : grain.StartAsync());
    }

    /// <summary>What the stage cost counts against this sweep's budget.</summary>
    private async Task SettleStageAsync(CancellationToken cancellationToken)
    {
        if (_record is null || SearchStages.Before(_record.Plan) is not { } before)
            return;
        _stage = null;
        _secondsOfStage = (await store.ReadCostAsync(SweepIds.Of(before), cancellationToken)).DeviceSeconds;
    }

    /// <summary>A sweep that waits for its stage is paused and canceled with it.</summary>
    private async Task TellStageAsync()
    {
        if (_record is null || SearchStages.Before(_record.Plan) is not { } before || _state is not (SweepState.Paused or SweepState.Canceled))
            return;
        var id = SweepIds.Of(before);
        _stageIsOpen = false;
        if (await store.FindSweepAsync(id, CancellationToken.None) is not { } stage || stage.State.IsFinal() || stage.State == _state)
            return;
        await AskStageAsync(id, grain => _state == SweepState.Paused ? grain.PauseAsync() : grain.CancelAsync());
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
