using System.Text.Json;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Tests;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>The same consumers without a broker.</summary>
public sealed class MemoryTransportTests
{
    [Fact]
    public async Task Commands_WithinTheProcess_RunASweep_AndTheOutboxEmpties()
    {
        await using var system = await MessagingSystem.StartAsync(messaging => (messaging.Transport, messaging.Templates) = ("memory", Fixtures.Shipped("plans", "templates")));

        await system.Bus.Publish(JsonSerializer.Deserialize<RunExperiment>(DocumentedMessages.Examples["RunExperiment"], MessageJson.Options)!, TestContext.Current.CancellationToken);

        var id = (await system.UntilAsync("a sweep", async () => (await system.Store.ListSweepsAsync(TestContext.Current.CancellationToken)).SingleOrDefault())).Id;
        await system.StateAsync(id, SweepState.Completed);
        await system.EmptyOutboxAsync();
    }
}
