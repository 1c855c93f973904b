using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Scheduling;

/// <summary>
/// Whose turn it is, from memory. After a failover it is empty until the coordinators announce themselves again and the workers ask again, which both do by themselves.
/// </summary>
internal sealed partial class SchedulerGrain(IOptions<DispatchOptions> options, ISiloStatusOracle silos, TimeProvider time, ILogger<SchedulerGrain> logger) : Grain, ISchedulerGrain
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly WorkerTurns _turns = new(options.Value.WeightOf, time);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Look, new GrainTimerCreationOptions { DueTime = LookEvery, Period = LookEvery, KeepAlive = true });
        return Task.CompletedTask;
    }

    public ValueTask<string?> NextAsync(WorkerDescription worker, TurnReport? last) => ValueTask.FromResult(_turns.Next(worker, last));

    public ValueTask<ClusterCapacity> AnnounceAsync(SweepDemand demand)
    {
        foreach (var workerId in _turns.Announce(demand))
            Worker(workerId).WakeAsync().Ignore();
        return ValueTask.FromResult(_turns.Capacity(demand));
    }

    public Task WithdrawAsync(string sweepId)
    {
        _turns.Withdraw(sweepId);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<WorkerDescription>> ListWorkersAsync() => Task.FromResult(_turns.Workers);

    private Task Look(CancellationToken cancellationToken)
    {
        _turns.ForgetGone(IsGone);
        _turns.Accrue();
        if (_turns.TryYield(out var workerId, out var sweepId))
        {
            LogYield(workerId, sweepId);
            Worker(workerId).YieldAsync(sweepId).Ignore();
        }

        return Task.CompletedTask;
    }

    private bool? IsGone(string workerId) =>
        WorkerAddress.TryParse(workerId, out var address)
            ? silos.GetApproximateSiloStatus(address.Silo) switch
            {
                SiloStatus.None => null,
                SiloStatus.Dead => true,
                _ => false,
            }
            : true;

    private IGpuWorkerGrain Worker(string workerId) => GrainFactory.GetGrain<IGpuWorkerGrain>(workerId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Worker {WorkerId} is asked to give its batch of sweep {SweepId} back: another sweep waits for its first turn")]
    private partial void LogYield(string workerId, string sweepId);
}
