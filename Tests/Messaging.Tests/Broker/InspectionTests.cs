using Microsoft.Extensions.Options;
using Sweep.Contracts.Grains;
using Sweep.Hosting.Messaging;
using Sweep.Tests.RabbitMq;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>What waits at a broker, asked for without its management.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class InspectionTests(SharedSystem shared, RabbitMqFixture broker)
{
    private const string Queue = "sweep.submit-sweep";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queues_OfARunningSilo_AreCountedWithTheirErrors()
    {
        var (system, client) = await shared.UseAsync();
        var options = new MessagingOptions();
        MessagingSystem.At(await broker.AddressAsync())(options);
        await using var inspection = new RabbitMqInspection(Options.Create(options));
        var before = await inspection.ReadAsync(Token);
        Assert.Null(before.Problem);
        Assert.Equal((6, 1L, 0L), (before.Queues.Count, Submit(before).Consumers, Submit(before).Waiting));

        await client.PublishAsync(Queue, "this is no JSON", contentType: "application/json");

        await system.UntilAsync("the message in the error queue", async () => Submit(await inspection.ReadAsync(Token)).Failed == Submit(before).Failed + 1);
        await client.TakeErrorAsync(Queue);
        Assert.Equal(Submit(before).Failed, Submit(await inspection.ReadAsync(Token)).Failed);
    }

    [Fact]
    public async Task Queues_OfABrokerThatIsAway_AreNotKnown()
    {
        await using var inspection = new RabbitMqInspection(Options.Create(new MessagingOptions { Transport = "rabbitmq", Host = "127.0.0.1", Port = 1 }));

        var queues = await inspection.ReadAsync(Token);

        Assert.Empty(queues.Queues);
        Assert.Contains("127.0.0.1:1", queues.Problem, StringComparison.Ordinal);
    }

    private static BrokerQueue Submit(BrokerQueues queues) => queues.Queues.Single(queue => queue.Name == Queue);
}
