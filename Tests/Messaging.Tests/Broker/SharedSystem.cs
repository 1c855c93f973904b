using Sweep.Contracts.Messages;
using Sweep.Tests.RabbitMq;
using Xunit;

// Every silo of these tests works on the same queues: one at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(RabbitMqFixture))]

namespace Sweep.Messaging.Tests.Broker;

/// <summary>One silo and one foreign client that hears every event, for tests that keep to sweeps of their own.</summary>
public sealed class SharedSystem(RabbitMqFixture broker) : IAsyncLifetime
{
    private MessagingSystem? _system;
    private Amqp? _client;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Started when the first test asks.</summary>
    internal async Task<(MessagingSystem System, Amqp Client)> UseAsync()
    {
        if (_system is null || _client is null)
            (_system, _client) = await StartAsync(broker);
        return (_system, _client);
    }

    /// <summary>A silo on empty queues.</summary>
    internal static async Task<(MessagingSystem System, Amqp Client)> StartAsync(RabbitMqFixture broker)
    {
        var address = await broker.AddressAsync();
        var client = await Amqp.ConnectAsync(address);
        await client.ForgetQueuesAsync();
        var system = await MessagingSystem.StartAsync(MessagingSystem.At(address));
        await client.ListenAsync([.. MessageNames.All]);
        return (system, client);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_system is not null)
            await _system.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class SharedSystemTests : ICollectionFixture<SharedSystem>
{
    public const string Name = "one silo for all";
}
