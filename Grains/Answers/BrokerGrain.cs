using Orleans.Concurrency;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;

namespace Sweep.Grains.Answers;

/// <summary>Speaks for this silo's connection to the broker.</summary>
[StatelessWorker(1)]
internal sealed class BrokerGrain(IEnumerable<IBrokerInspection> brokers) : Grain, IBrokerGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<BrokerQueues> ReadQueuesAsync()
    {
        if (brokers.LastOrDefault() is not { } broker)
            return new BrokerQueues { Transport = "none" };
        using var limit = new CancellationTokenSource(Patience);
        return await broker.ReadAsync(limit.Token);
    }
}
