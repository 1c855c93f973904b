using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;

namespace Sweep.Grains.Coordination;

/// <summary>The phases of a sweep: Submitted → Resolving → Expanding → Running → Completed, Canceled or Faulted.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>Ticks in a row that may throw before the sweep is given up.</summary>
    private const int MaxFaultyTicks = 5;

    /// <summary>Rounds of further batches for rows that are missing at the end.</summary>
    private const int MaxRepairs = 3;

    private Task? _loading;
    private SweepExpansion? _expansion;
    private bool _verified;
    private bool _stale;
    private int _repairs;
    private int _faultyTicks;

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        _isWoken = false;
        try
        {
            await EnsureLoadedAsync();
            if (_record is not null && !IsFinal)
                await AdvanceAsync(cancellationToken);
            _faultyTicks = 0;
            if (_record is null || IsFinal)
            {
                metrics.OnLeft(SweepId);
                AnnounceOnChange();
                _timer?.Dispose();
                _timer = null;
                return;
            }

            metrics.OnTick(SweepId, new SweepGauges(_jobs, _board.Count(BatchStatus.Pending), _leases.Count, _leases.OldestAge.TotalSeconds));
            AnnounceNowAndThen();
            TellProgress();
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreAway(SweepId, exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            LogTickFailed(exception, SweepId);
            if (++_faultyTicks >= MaxFaultyTicks)
                await GiveUpAsync(exception);
        }
    }

    private async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        if (_stale)
        {
            _stale = false;
            await LoadBatchesAsync();
        }

        for (var before = (SweepState?)null; before != _state && !IsFinal;)
        {
            before = _state;
            switch (_state)
            {
                case SweepState.Submitted:
                    if (await AreStagesCompleteAsync(cancellationToken))
                        await MoveAsync(SweepState.Resolving, null, SweepState.Submitted);
                    break;
                case SweepState.Resolving:
                    if (await store.LoadResolutionAsync(SweepId, cancellationToken) is { } resolved)
                    {
                        await BeginExpandingAsync(resolved);
                    }
                    else
                    {
                        _isResolved = false;
                        await ReturnExpiredAsync();
                    }

                    break;
                case SweepState.Expanding:
                    await ExpandAsync(cancellationToken);
                    break;
                case SweepState.Running:
                    await ReturnExpiredAsync();
                    await CheckBudgetAsync();
                    await ExtendAsync(cancellationToken);
                    if (_state == SweepState.Running && HasAllEnded && !_verified)
                        await VerifyAsync(cancellationToken);
                    break;
                case SweepState.Paused:
                    await ReturnExpiredAsync();
                    await TellStageAsync();
                    break;
            }
        }
    }

    private async Task BeginExpandingAsync(ResolvedPlan resolved)
    {
        if (SweepExpansion.Refusal(_record!.Plan, resolved, _options.MaxJobs) is { } refusal)
        {
            await MoveAsync(SweepState.Faulted, refusal, SweepState.Resolving);
            return;
        }

        await MoveAsync(SweepState.Expanding, null, SweepState.Resolving);
    }

    private async Task ExpandAsync(CancellationToken cancellationToken)
    {
        var resolved = await store.LoadResolutionAsync(SweepId, cancellationToken)
            ?? throw new InvalidOperationException($"sweep {SweepId} is expanding without a resolution");
        if (_expansion is null)
            await OpenExpansionAsync(resolved, cancellationToken);
        await AskCapacityAsync();
        if (_expansion!.Lots == 0 && !_expansion.IsComplete && !await _expansion.ExtendAsync(NextSizing(), () => _state == SweepState.Expanding, cancellationToken))
            return;
        await LoadBatchesAsync();
        if (await MoveAsync(SweepState.Running, null, SweepState.Expanding))
            LogRunning(SweepId, _jobs, _rowsTotal, _board.Total);
    }

    /// <summary>Adds batches until there are enough for the workers to come.</summary>
    private async Task ExtendAsync(CancellationToken cancellationToken)
    {
        while (_state == SweepState.Running && WantsBatches)
        {
            if (!await _expansion!.ExtendAsync(NextSizing(), () => _state == SweepState.Running, cancellationToken))
                return;
            AnnounceOnChange();
        }
    }

    /// <summary>Before the summary: is every row there? What batches set aside lack is known and noted; anything else gets new batches.</summary>
    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (!_board.SetAside.Any())
        {
            if (await _expansion!.RepairAsync(_board.NextNumber, () => _state == SweepState.Running, cancellationToken) is not { } added)
                return;
            if (added > 0)
            {
                await LoadBatchesAsync();
                LogRepaired(SweepId, added);
                if (++_repairs > MaxRepairs)
                    throw new InvalidOperationException($"rows of sweep {SweepId} are missing after {MaxRepairs} rounds of further batches");
                return;
            }
        }

        _verified = true;
    }

    private async Task CheckBudgetAsync()
    {
        if (_record!.Plan.Budget.DeviceSeconds is not { } budget || _secondsOfStages + _secondsBefore + _secondsHere < budget || HasAllEnded)
            return;
        if (await MoveAsync(SweepState.Canceled, $"its budget of {budget} device-seconds is spent (budget.device_seconds)", SweepState.Running))
            await StopWorkersAsync();
    }

    /// <summary>How a sweep ends whose batches all ended: faulted only when nothing at all came of it.</summary>
    private SweepState Outcome(out string? note)
    {
        note = _board.SetAsideNote;
        if (note is null)
            return SweepState.Completed;
        return _board.Count(BatchStatus.Completed) == 0 ? SweepState.Faulted : SweepState.Completed;
    }

    /// <summary>Changes the state in the store and here; where the store has moved on, its word is taken.</summary>
    private async Task<bool> MoveAsync(SweepState to, string? reason, params SweepState[] from)
    {
        await _moving.WaitAsync();
        bool moved;
        try
        {
            if (!from.Contains(_state))
                return false;
            moved = await store.TrySetStateAsync(SweepId, from, to, reason, CancellationToken.None);
            if (moved)
            {
                (_state, _reason) = (to, reason);
            }
            else if (await store.FindSweepAsync(SweepId, CancellationToken.None) is { } record)
            {
                (_record, _state, _reason) = (record, record.State, record.Reason);
            }
        }
        finally
        {
            _moving.Release();
        }

        LogState(SweepId, _state, _reason is null ? "" : $": {_reason}");
        AnnounceOnChange();
        TellProgress();
        WakeUp();
        await TellStageAsync();
        return moved;
    }

    private async Task GiveUpAsync(Exception exception)
    {
        try
        {
            await MoveAsync(SweepState.Faulted, $"the coordinator failed {_faultyTicks} times: {exception.Message}", SweepState.Submitted, SweepState.Resolving, SweepState.Expanding, SweepState.Running);
        }
        catch (Exception again)
        {
            LogTickFailed(again, SweepId);
        }
    }

    /// <summary>Reads the sweep from the store once; calls that arrive meanwhile wait for the same reading, a failed one is done again.</summary>
    private async Task EnsureLoadedAsync()
    {
        if (_loaded)
            return;
        var loading = _loading ??= LoadAsync();
        try
        {
            await loading;
        }
        finally
        {
            if (_loading == loading)
                _loading = null;
        }
    }

    private async Task LoadAsync()
    {
        _record = await store.FindSweepAsync(SweepId, CancellationToken.None);
        if (_record is null)
        {
            // It may be submitted later: nothing is remembered.
            return;
        }

        (_state, _reason) = (_record.State, _record.Reason);
        if (_state is not (SweepState.Submitted or SweepState.Resolving))
        {
            if (await store.LoadResolutionAsync(SweepId, CancellationToken.None) is { } resolved)
                await OpenExpansionAsync(resolved, CancellationToken.None);
            await LoadBatchesAsync();
            _secondsBefore = (await store.ReadCostAsync(SweepId, CancellationToken.None)).DeviceSeconds;
            await SettleStagesAsync(CancellationToken.None);
        }

        _loaded = true;
        LogLoaded(SweepId, _state, _board.Total, _leases.Count);
    }

    /// <summary>Counts the sweep, and goes to where its expansion stopped.</summary>
    private async Task OpenExpansionAsync(ResolvedPlan resolved, CancellationToken cancellationToken)
    {
        var plan = _record!.Plan;
        _resolved = resolved;
        // A function of what does not change: beside the cutting, on another thread.
        var counting = Task.Run(() => SweepExpansion.CountAsync(plan, resolved), cancellationToken);
        if (!IsFinal)
        {
            _rowsCut = 0;
            var expansion = new SweepExpansion(store, SweepId, plan, resolved, OnCut, OnWritten);
            await expansion.ResumeAsync(cancellationToken);
            _expansion = expansion;
            _board.HeldBack = expansion.Unfinished;
        }

        (_jobs, _rowsTotal) = await counting;
    }

    /// <summary>Takes over the store's view of the batches.</summary>
    private async Task LoadBatchesAsync()
    {
        foreach (var record in await store.ListBatchesAsync(SweepId, CancellationToken.None))
            TakeOver(record);
    }
}
