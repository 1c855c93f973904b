using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>What the scheduler, which keeps nothing, is told: changes at once, everything now and then.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>How long the first batches wait for what the scheduler knows of the cluster; without it they are sized for one worker.</summary>
    private static readonly TimeSpan CapacityPatience = TimeSpan.FromSeconds(2);

    private string? _lastDemand;
    private long _announcedAt;

    private ISchedulerGrain Scheduler => GrainFactory.GetGrain<ISchedulerGrain>(0);

    private int Pending => !_loaded ? 0 : _state switch
    {
        SweepState.Resolving => _leases.Find(LocalLeaseId(WorkKindOfState)) is null ? 1 : 0,
        SweepState.Running when HasAllEnded => _verified && _leases.Find(LocalLeaseId(WorkKindOfState)) is null ? 1 : 0,
        SweepState.Running => _board.Available,
        _ => 0,
    };

    private WorkKind WorkKindOfState => _state == SweepState.Resolving ? WorkKind.ResolvePlan : WorkKind.Summarize;

    private void AnnounceOnChange()
    {
        if (_record is null)
            return;
        var demand = IsFinal ? "final" : $"{Pending > 0} {_board.HasRun} {string.Join(' ', _board.AvailableModels)}";
        if (demand == _lastDemand)
            return;
        _lastDemand = demand;
        AnnounceAsync().Ignore();
    }

    private void AnnounceNowAndThen()
    {
        if (time.GetElapsedTime(_announcedAt) >= 2 * TimeSpan.FromSeconds(_options.TickSeconds))
            AnnounceAsync().Ignore();
        else
            AnnounceOnChange();
    }

    private void Withdraw()
    {
        _lastDemand = null;
        AnnounceOnChange();
    }

    /// <summary>Waits for the scheduler's answer, but not long.</summary>
    private async Task AskCapacityAsync()
    {
        try
        {
            await AnnounceAsync().WaitAsync(CapacityPatience, time);
        }
        catch (TimeoutException)
        {
        }
    }

    private async Task AnnounceAsync()
    {
        _announcedAt = time.GetTimestamp();
        try
        {
            if (IsFinal)
                await Scheduler.WithdrawAsync(SweepId);
            else
                _capacity = await Scheduler.AnnounceAsync(Demand());
        }
        catch (Exception exception)
        {
            LogSchedulerAway(SweepId, exception.Message);
        }
    }

    private SweepDemand Demand()
    {
        var pending = Pending;
        var batches = _state == SweepState.Running && !HasAllEnded;
        return new SweepDemand
        {
            SweepId = SweepId,
            Owner = _record!.Plan.Owner,
            Priority = _record.Plan.Priority,
            Weight = _record.Plan.Weight,
            HasPendingWork = pending > 0,
            Pending = pending,
            Running = _leases.Count,
            HasRun = _board.HasRun,
            BatchSeconds = batches ? NextBatchSeconds ?? _batchSeconds : null,
            DeviceKind = batches ? DeviceKind : null,
            Models = _state == SweepState.Expanding && _resolved is { } resolved ? [.. resolved.Models.Select(model => model.WeightsHash)] : [.. _board.AvailableModels],
            Speeds = MeasuredSpeeds(),
        };
    }
}
