namespace Sweep.Contracts.Grains;

/// <summary>What waits at the broker that coordinator silos take commands from (key: 0).</summary>
[Alias("sweep.IBrokerGrain")]
public interface IBrokerGrain : IGrainWithIntegerKey
{
    [Alias("ReadQueues")]
    Task<BrokerQueues> ReadQueuesAsync();
}

/// <summary>The broker's queues of commands.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.BrokerQueues")]
public sealed record BrokerQueues
{
    /// <summary>"none", "memory" or "rabbitmq", as silos are set.</summary>
    [Id(0)]
    public required string Transport { get; init; }

    /// <summary>In the order of the commands; empty where there is no broker, or it did not answer.</summary>
    [Id(1)]
    public IReadOnlyList<BrokerQueue> Queues { get; init; } = [];

    /// <summary>Why it did not answer; null: it did, or there is none.</summary>
    [Id(2)]
    public string? Problem { get; init; }
}

/// <summary>One queue of commands.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.BrokerQueue")]
public sealed record BrokerQueue
{
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Messages that wait: that no silo has taken yet.</summary>
    [Id(1)]
    public required long Waiting { get; init; }

    /// <summary>Silos that take from it.</summary>
    [Id(2)]
    public required long Consumers { get; init; }

    /// <summary>Messages in its error queue; 0: none, or there is no such queue.</summary>
    [Id(3)]
    public required long Failed { get; init; }
}
