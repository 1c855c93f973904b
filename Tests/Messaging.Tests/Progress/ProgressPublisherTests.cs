using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Grains;
using Sweep.Hosting.Messaging;
using Sweep.Hosting.Messaging.Progress;
using Xunit;

namespace Sweep.Messaging.Tests.Progress;

public sealed class ProgressPublisherTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task ManyReports_InAPeriod_AreOneMessageASweep_WithTheNewest()
    {
        await using var bus = await MemoryBus.StartAsync();
        var (publisher, time) = await StartAsync(bus);
        using var _ = publisher;

        for (var rows = 1; rows <= 100; rows++)
        {
            publisher.OnProgress(Status("a", rows));
            publisher.OnProgress(Status("b", 2 * rows));
        }

        time.Advance(Period);
        var heard = new[] { await bus.NextAsync(), await bus.NextAsync() }.ToDictionary(message => message.Message.GetProperty("sweep_id").GetString()!, message => message.Message.GetProperty("rows_done").GetInt64());

        Assert.Equal((100, 200), (heard["a"], heard["b"]));
        Assert.Equal(0, bus.Left);
    }

    [Fact]
    public async Task Report_ThatSaysNothingNew_IsNotSent()
    {
        await using var bus = await MemoryBus.StartAsync();
        var (publisher, time) = await StartAsync(bus);
        using var _ = publisher;
        publisher.OnProgress(Status("a", 1));
        time.Advance(Period);
        await bus.NextAsync();

        publisher.OnProgress(Status("a", 1));
        publisher.OnProgress(Status("b", 1));
        time.Advance(Period);

        Assert.Equal("b", (await bus.NextAsync()).Message.GetProperty("sweep_id").GetString());
        Assert.Equal(0, bus.Left);
    }

    private static async Task<(ProgressPublisher Publisher, FakeTimeProvider Time)> StartAsync(MemoryBus bus)
    {
        var time = new FakeTimeProvider();
        var publisher = new ProgressPublisher(bus.Control, Options.Create(new MessagingOptions { Transport = "memory", ProgressSeconds = Period.TotalSeconds }), time, NullLogger<ProgressPublisher>.Instance);
        await publisher.StartAsync(TestContext.Current.CancellationToken);
        return (publisher, time);
    }

    private static SweepStatus Status(string id, long rows) => new() { SweepId = id, State = "Running", RowsTotal = 1000, RowsDone = rows };
}
