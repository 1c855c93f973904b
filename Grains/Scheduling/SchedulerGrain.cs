using Sweep.Contracts.Grains;
using Sweep.Grains.Dispatch;

namespace Sweep.Grains.Scheduling;

/// <summary>Whose turn it is, from memory. After a failover it is empty until the coordinators announce themselves again, which they do by themselves.</summary>
internal sealed class SchedulerGrain : Grain, ISchedulerGrain
{
    private readonly FairShare _share = new();

    public ValueTask<string?> NextAsync(string workerId) => ValueTask.FromResult(_share.Next());

    public Task AnnounceAsync(SweepDemand demand)
    {
        _share.Announce(demand);
        return Task.CompletedTask;
    }

    public Task ChargeAsync(string sweepId, double deviceSeconds)
    {
        _share.Charge(sweepId, deviceSeconds);
        return Task.CompletedTask;
    }

    public Task WithdrawAsync(string sweepId)
    {
        _share.Withdraw(sweepId);
        return Task.CompletedTask;
    }
}
