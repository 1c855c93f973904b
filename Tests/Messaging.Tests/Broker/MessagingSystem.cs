using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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

    private MessagingSystem(TemporaryFolder folder, IHost host, ISweepStore store, StoreTap tap, StubWork work, int gatewayPort) =>
        (_folder, _host, Store, Tap, Work, GatewayPort) = (folder, host, store, tap, work, gatewayPort);

    /// <summary>Where clients of the silo connect.</summary>
    public int GatewayPort { get; }

    /// <summary>The store's file.</summary>
    public string StorePath => Path.Combine(_folder.Path, "sweep.db");

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
        var ports = FreePorts();
        builder.AddSweepSilo(silo =>
        {
            (silo.SiloPort, silo.GatewayPort) = ports;
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
        var system = new MessagingSystem(folder, host, store, tap, work, ports.Gateway);
        if (waitForBus)
            await system.UntilAsync("the bus", () => Task.FromResult(system.Bus.CheckHealth().Status == BusHealthStatus.Healthy));
        return system;
    }

    public static Action<MessagingOptions> At(Uri broker) => messaging =>
    {
        messaging.Transport = "rabbitmq";
        messaging.Templates = Fixtures.Shipped("plans", "templates");
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

    /// <summary>Both are held until both are known, so that they differ.</summary>
    private static (int Silo, int Gateway) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _folder.Dispose();
    }
}
