using Sweep.Contracts.Grains;

namespace Sweep.Contracts.Messages;

/// <summary>Looks at the broker that this silo is connected to.</summary>
public interface IBrokerInspection
{
    /// <summary>A broker that does not answer is an answer, too.</summary>
    Task<BrokerQueues> ReadAsync(CancellationToken cancellationToken);
}
