using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Persistence.Postgres;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Cluster.Tests;

/// <summary>What crosses the border of a grain, to its caller and to the database: a silo and a client in this process, with sockets between them.</summary>
public sealed class GrainBorderTests(PostgresServer server)
{
    [Fact]
    public async Task Border_OfASiloInPostgres_ChangesWhatCannotTravelAndStoresNoNamesOfClasses()
    {
        var connectionString = await server.CreateStoreAsync();
        using var silo = await StartSiloAsync(connectionString);
        using var client = await StartClientAsync(connectionString);
        var grain = client.Services.GetRequiredService<IGrainFactory>().GetGrain<IBorderGrain>("border");

        var driver = await Assert.ThrowsAsync<GrainCallFailedException>(() => grain.ThrowAsync("driver"));
        Assert.Equal(("42P01: no such table", typeof(DriverException).FullName), (driver.Message, driver.ErrorType));
        var store = await Assert.ThrowsAsync<GrainCallFailedException>(() => grain.ThrowAsync("store"));
        Assert.Equal(("the store did not answer", typeof(StoreUnavailableException).FullName), (store.Message, store.ErrorType));
        var wrapped = await Assert.ThrowsAsync<GrainCallFailedException>(() => grain.ThrowAsync("wrapped"));
        Assert.Equal(("outside", typeof(InvalidOperationException).FullName), (wrapped.Message, wrapped.ErrorType));
        Assert.Equal("plain", (await Assert.ThrowsAsync<InvalidOperationException>(() => grain.ThrowAsync("plain"))).Message);

        await grain.RememberAsync(new Remembered { Words = ["one", "two"], Inner = new Remembered { Words = ["three"] } });
        await grain.ForgetAsync();
        var remembered = await grain.RecallAsync();
        Assert.Equal(["one", "two", "three"], [.. remembered.Words, .. remembered.Inner!.Words]);

        var serializer = silo.Services.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get("Default").GrainStorageSerializer;
        var stored = serializer.Serialize(remembered).ToArray();
        Assert.Contains("three", System.Text.Encoding.UTF8.GetString(stored), StringComparison.Ordinal);
        Assert.DoesNotContain("$type", System.Text.Encoding.UTF8.GetString(stored), StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(Remembered), System.Text.Encoding.UTF8.GetString(stored), StringComparison.Ordinal);

        await client.StopAsync(TestContext.Current.CancellationToken);
        await silo.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<IHost> StartSiloAsync(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(
            [new("Sweep:Silo:Clustering", "postgres"), new("Sweep:Silo:Roles", "coordinator"), new("Sweep:Store:Provider", "postgres"), new("Sweep:Store:ConnectionString", connectionString)]);
        var store = await PostgresSweepStore.OpenAsync(connectionString, TestContext.Current.CancellationToken);
        builder.Services.AddSingleton(store);
        builder.AddSweepSilo();
        return await StartAsync(builder);
    }

    private static Task<IHost> StartClientAsync(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("Sweep:Store:ConnectionString", connectionString)]);
        return StartAsync(builder.AddSweepClient());
    }

    private static async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}

public interface IBorderGrain : IGrainWithStringKey
{
    Task ThrowAsync(string what);

    Task RememberAsync(Remembered remembered);

    /// <summary>Ends the activation: what it remembers is in the database only.</summary>
    Task ForgetAsync();

    Task<Remembered> RecallAsync();
}

public sealed class BorderGrain([PersistentState("memory")] IPersistentState<Remembered> memory) : Grain, IBorderGrain
{
    public Task ThrowAsync(string what) => throw (what switch
    {
        "driver" => new DriverException("42P01: no such table"),
        "store" => new StoreUnavailableException("the store did not answer", new DriverException("connection refused")),
        "wrapped" => new InvalidOperationException("outside", new DriverException("inside")),
        _ => new InvalidOperationException(what),
    });

    public Task RememberAsync(Remembered remembered)
    {
        memory.State = remembered;
        return memory.WriteStateAsync();
    }

    public Task ForgetAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<Remembered> RecallAsync() => Task.FromResult(memory.State);
}

[GenerateSerializer]
[Alias("border.state")]
public sealed class Remembered
{
    [Id(0)]
    public List<string> Words { get; set; } = [];

    [Id(1)]
    public Remembered? Inner { get; set; }
}

/// <summary>Like a database driver's: nothing of it is known to a serializer.</summary>
public sealed class DriverException(string message) : DbException(message);
