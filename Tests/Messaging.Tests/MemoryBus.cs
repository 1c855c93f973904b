using System.Text.Json;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Messages;
using Sweep.Hosting.Messaging;
using Xunit;

namespace Sweep.Messaging.Tests;

/// <summary>A bus within this process that hands over what was published, as it was written.</summary>
internal sealed class MemoryBus : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Channel<(Guid? MessageId, JsonElement Message)> _arrived;

    private MemoryBus(ServiceProvider services, Channel<(Guid? MessageId, JsonElement Message)> arrived) => (_services, _arrived) = (services, arrived);

    public IBusControl Control => _services.GetRequiredService<IBusControl>();

    public static async Task<MemoryBus> StartAsync()
    {
        var arrived = Channel.CreateUnbounded<(Guid? MessageId, JsonElement Message)>();
        var services = new ServiceCollection();
        services.AddLogging(logging => services.AddSweepBus(logging, new MessagingOptions { Transport = "memory" }, bus =>
        {
            bus.AddConsumer<Listener<SweepSubmitted>>();
            bus.AddConsumer<Listener<SweepProgressed>>();
        }));
        services.AddSingleton(arrived);
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IBusControl>().StartAsync(TestContext.Current.CancellationToken);
        return new MemoryBus(provider, arrived);
    }

    public async Task<(Guid? MessageId, JsonElement Message)> NextAsync() => await _arrived.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>What arrived and was not asked for.</summary>
    public int Left => _arrived.Reader.Count;

    public async ValueTask DisposeAsync()
    {
        await Control.StopAsync();
        await _services.DisposeAsync();
    }

    private sealed class Listener<T>(Channel<(Guid? MessageId, JsonElement Message)> arrived) : IConsumer<T>
        where T : class
    {
        public Task Consume(ConsumeContext<T> context)
        {
            var envelope = JsonSerializer.Deserialize<JsonElement>(context.ReceiveContext.Body.GetBytes());
            arrived.Writer.TryWrite((context.MessageId, envelope.GetProperty("message")));
            return Task.CompletedTask;
        }
    }
}
