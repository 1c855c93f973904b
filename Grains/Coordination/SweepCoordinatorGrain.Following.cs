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
            if (!await TakeStoresWordAsync())
                return;
            LogState(SweepId, _state, _reason is null ? "" : $": {_reason}");
            if (_state == SweepState.Canceled)
                await StopWorkersAsync();
            await TellStageAsync();
            AnnounceOnChange();
            TellProgress();
        }
        catch (StoreUnavailableException exception)
        {
            // The watcher calls again.
            LogStoreAway(SweepId, exception.Message);
        }
    }

    /// <summary>True: the store knew another state.</summary>
    private async Task<bool> TakeStoresWordAsync()
    {
        await _moving.WaitAsync();
        try
        {
            if (await store.FindSweepAsync(SweepId, CancellationToken.None) is not { } record || record.State == _state)
                return false;
            // What was known belongs to the sweep's life before its end.
            if (IsFinal)
                Forget();
            (_record, _state, _reason) = (record, record.State, record.Reason);
            return true;
        }
        finally
        {
            _moving.Release();
        }
    }

    private void TellProgress() => progress.OnProgress(Status());
}
