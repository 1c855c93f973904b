using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>Taking over what somebody else wrote into the sweep's row: a command that came as a message, or a sweep that is submitted again after its end.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    private async Task FollowStoreAsync()
    {
        try
        {
            await EnsureLoadedAsync();
            if (await store.FindSweepAsync(SweepId, CancellationToken.None) is not { } record || record.State == _state)
                return;
            var wasFinal = IsFinal;
            (_record, _state, _reason) = (record, record.State, record.Reason);
            LogState(SweepId, _state, _reason is null ? "" : $": {_reason}");
            if (wasFinal)
                await BeginAgainAsync();
            else if (_state == SweepState.Canceled)
                await StopWorkersAsync();
            AnnounceOnChange();
            TellProgress();
        }
        catch (StoreUnavailableException exception)
        {
            // The watcher calls again.
            LogStoreAway(SweepId, exception.Message);
        }
    }

    /// <summary>What this activation knew belongs to the sweep's life before.</summary>
    private Task BeginAgainAsync()
    {
        Forget();
        _failedResolutions = _failedSummaries = _faultyTicks = 0;
        return EnsureLoadedAsync();
    }

    private void TellProgress() => progress.OnProgress(Status());
}
