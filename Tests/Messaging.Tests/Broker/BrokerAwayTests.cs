using System.Text.Json;
using MassTransit;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Tests;
using Sweep.Tests.RabbitMq;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>The broker is killed and comes back: sweeps go on, events wait, nothing is lost.</summary>
public sealed class BrokerAwayTests(RabbitMqFixture broker)
{
    [Fact]
    public async Task BrokerKilledDuringASweep_TheSweepGoesOn_AndItsEventsWait()
    {
        var (system, client) = await SharedSystem.StartAsync(broker);
        await using var _ = system;
        var id = PlanTexts.SweepId("orphaned");
        using (system.Work.Hold())
        {
            await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("orphaned") }));
            await system.StateAsync(id, SweepState.Running);
            await client.HearAsync<SweepSubmitted>(id);
            await system.EmptyOutboxAsync();
            await client.DisposeAsync();
            await broker.KillAsync();
        }

        await system.StateAsync(id, SweepState.Completed);
        var waiting = await system.Store.ReadOutboxBacklogAsync(TestContext.Current.CancellationToken);
        Assert.Equal(StubWork.Jobs + 1, waiting.Count);

        await broker.StartAgainAsync(TestContext.Current.CancellationToken);
        await using var again = await Amqp.ConnectAsync(await broker.AddressAsync());
        await again.ListenAsync(typeof(SweepCompleted), typeof(JobCompleted));
        Assert.Equal("Completed", (await again.HearAsync<SweepCompleted>(id)).GetProperty("state").GetString());
        await system.EmptyOutboxAsync();
        Assert.Equal(StubWork.Jobs, (await again.HearAsync<JobCompleted>(id, StubWork.Jobs)).Select(job => job.GetProperty("job_id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task BrokerAwayAtTheStart_TheSiloStartsAndWorks_AndTakesCommandsWhenItIsThere()
    {
        var address = await broker.AddressAsync();
        await using (var client = await Amqp.ConnectAsync(address))
            await client.ForgetQueuesAsync();
        await broker.KillAsync();
        await using var system = await MessagingSystem.StartAsync(MessagingSystem.At(address), waitForBus: false);

        Assert.NotEqual(BusHealthStatus.Healthy, system.Bus.CheckHealth().Status);
        var plan = Contracts.Plans.PlanReader.Read(PlanTexts.Yaml("early"), "p");
        await system.Store.SubmitAsync(PlanTexts.SweepId("early"), plan, "", TestContext.Current.CancellationToken);
        await system.StateAsync(PlanTexts.SweepId("early"), SweepState.Completed);

        await broker.StartAgainAsync(TestContext.Current.CancellationToken);
        await system.EmptyOutboxAsync();
        await using var late = await Amqp.ConnectAsync(address);
        await late.ListenAsync(typeof(SweepCompleted));
        await system.UntilAsync("the bus", () => Task.FromResult(system.Bus.CheckHealth().Status == BusHealthStatus.Healthy));
        await late.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("late") }));
        await late.HearAsync<SweepCompleted>(PlanTexts.SweepId("late"));
    }

    [Fact]
    public async Task Command_ThatWaitsInTheQueue_SurvivesTheBrokersDeath()
    {
        var address = await broker.AddressAsync();
        // A silo has made the queue; it is stopped before the command comes.
        await (await MessagingSystem.StartAsync(MessagingSystem.At(address))).DisposeAsync();
        await using (var client = await Amqp.ConnectAsync(address))
            await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("durable") }));
        await broker.KillAsync();
        await broker.StartAgainAsync(TestContext.Current.CancellationToken);

        await using var system = await MessagingSystem.StartAsync(MessagingSystem.At(address));
        await system.StateAsync(PlanTexts.SweepId("durable"), SweepState.Completed);
    }

    [Fact]
    public async Task Submit_WhileTheBrokerIsAway_TriesUntilItIsBack_AndSubmitsOnce()
    {
        var (system, client) = await SharedSystem.StartAsync(broker);
        await using var _ = system;
        await client.DisposeAsync();
        using var folder = new TemporaryFolder();
        var plan = folder.Write("plan.yaml", PlanTexts.Yaml("insistent"));
        await broker.KillAsync();

        using var submitting = SweepCommand.Start(await broker.AddressAsync(), system, "submit", plan, "--timeout", "120");
        var givenUp = await SweepCommand.RunAsync(await broker.AddressAsync(), system, "submit", folder.Write("other.yaml", PlanTexts.Yaml("given-up")), "--timeout", "3");
        Assert.Equal(1, givenUp.ExitCode);
        Assert.EndsWith("confirmed nothing within 3 s: nothing was submitted\n", givenUp.Error, StringComparison.Ordinal);
        await broker.StartAgainAsync(TestContext.Current.CancellationToken);
        var submitted = await submitting.EndAsync();

        Assert.True(submitted.ExitCode == 0, submitted.Error);
        await system.StateAsync(PlanTexts.SweepId("insistent"), SweepState.Completed);
        Assert.Equal(["insistent"], (await system.Store.ListSweepsAsync(TestContext.Current.CancellationToken)).Select(sweep => sweep.Plan.Name));
    }
}
