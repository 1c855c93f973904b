using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;

namespace Sweep.Hosting.Messaging;

/// <summary>Messages within this process: handled as they come, nothing waits anywhere that could be counted.</summary>
internal sealed class MemoryInspection : IBrokerInspection
{
    public Task<BrokerQueues> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(new BrokerQueues { Transport = MessagingOptions.Memory });
}
