using Sweep.Contracts.Grains;

namespace Sweep.Dashboard.Live;

/// <summary>Asks a coordinator silo what waits at its broker, again and again.</summary>
internal sealed class BrokerReader(IGrainFactory grains)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public async Task<BrokerQueues> ReadAsync(BrokerQueues? before, CancellationToken cancellationToken)
    {
        var now = await AskAsync(cancellationToken);
        return before is not null && before.Transport == now.Transport && before.Problem == now.Problem && before.Queues.SequenceEqual(now.Queues) ? before : now;
    }

    private async Task<BrokerQueues> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<IBrokerGrain>(0).ReadQueuesAsync().WaitAsync(Patience, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or Orleans.Runtime.OrleansException or GrainCallFailedException or InvalidOperationException)
        {
            return new BrokerQueues { Transport = "", Problem = "no coordinator silo answered" };
        }
    }
}
