using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Hosting.Messaging;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>A whole silo in this process over a SQLite file, with messages and without tensors.</summary>
internal sealed class MessagingSystem : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder;
    private readonly IHost _host;

    private MessagingSystem(TemporaryFolder folder, IHost host, ISweepStore store, StoreTap tap, StubWork work) => (_folder, _host, Store, Tap, Work) = (folder, host, store, tap, work);

    public ISweepStore Store { get; }

    public StoreTap Tap { get; }

    public StubWork Work { get; }

    public IBusControl Bus => _host.Services.GetRequiredService<IBusControl>();

    public static async Task<MessagingSystem> StartAsync(Action<MessagingOptions> configure, bool waitForBus = true)
    {
        var folder = new TemporaryFolder();
        var file = await SqliteSweepStore.OpenAsync(Path.Combine(folder.Path, "sweep.db"), TestContext.Current.CancellationToken, events: new SweepEvents(TimeProvider.System));
        var (store, tap) = StoreTap.To(file);
        var work = new StubWork();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFilter("MassTransit", LogLevel.None);
        builder.Services.AddSingleton(store).AddSingleton<IJobRunnerFactory>(work).AddSingleton<IPlanResolver>(work).AddSingleton<ISweepSummarizer>(work);
        builder.AddSweepSilo(silo =>
        {
            silo.Worker.Devices = ["cpu:0"];
            silo.Worker.IdleMaximumSeconds = 0.1;
            silo.Dispatch.TickSeconds = 0.1;
        });
        builder.AddSweepMessaging(messaging =>
        {
            messaging.OutboxPollSeconds = 0.05;
            messaging.ProgressSeconds = 0.2;
            configure(messaging);
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var system = new MessagingSystem(folder, host, store, tap, work);
        if (waitForBus)
            await system.UntilAsync("the bus", () => Task.FromResult(system.Bus.CheckHealth().Status == BusHealthStatus.Healthy));
        return system;
    }

    public static Action<MessagingOptions> At(Uri broker) => messaging =>
    {
        messaging.Transport = "rabbitmq";
        messaging.Host = broker.Host;
        messaging.Port = broker.Port;
        messaging.VirtualHost = broker.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : "/";
        messaging.Username = Uri.UnescapeDataString(broker.UserInfo.Split(':')[0]);
        messaging.Password = Uri.UnescapeDataString(broker.UserInfo.Split(':')[^1]);
    };

    public Task<SweepRecord> StateAsync(string sweepId, SweepState state) => UntilAsync($"sweep {sweepId} to be {state}", async () =>
        await Store.FindSweepAsync(sweepId, TestContext.Current.CancellationToken) is { } sweep && sweep.State == state ? sweep : null);

    public Task EmptyOutboxAsync() => UntilAsync("an empty outbox", async () => (await Store.ReadOutboxBacklogAsync(TestContext.Current.CancellationToken)).Count == 0);

    public Task UntilAsync(string phase, Func<Task<bool>> condition) => UntilAsync(phase, async () => await condition() ? this : null);

    /// <summary>Asks until there is an answer; a timeout says what was waited for.</summary>
    public async Task<T> UntilAsync<T>(string phase, Func<Task<T?>> answer)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            if (await answer() is { } found)
                return found;
            if (clock.Elapsed > Patience)
            {
                var sweeps = await Store.ListSweepsAsync(CancellationToken.None);
                throw new TimeoutException($"waited {Patience.TotalSeconds} s for {phase}; sweeps {string.Join(", ", sweeps.Select(sweep => $"{sweep.Id} {sweep.State} ({sweep.Reason})"))}");
            }
        }

        throw new OperationCanceledException();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _folder.Dispose();
    }
}
