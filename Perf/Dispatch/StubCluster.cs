using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Hosting.Clustering;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Postgres.Local;

namespace Sweep.Perf.Dispatch;

/// <summary>Silo processes with simulated workers, the real scheduler and coordinators, and a PostgreSQL server of its own that writes durably.</summary>
internal sealed class StubCluster : IAsyncDisposable
{
    private readonly LocalPostgres _postgres;
    private readonly List<SiloProcess> _silos = [];
    private IHost? _client;
    private ISweepStore? _store;
    private string _connectionString = "";

    private StubCluster(LocalPostgres postgres) => _postgres = postgres;

    public IReadOnlyList<SiloProcess> Silos => _silos;

    public string StoreDescription => _postgres.Description;

    public ISweepStore Store => _store!;

    public string ConnectionString => _connectionString;

    public static string Machine => string.Create(
        CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the end");

    private PatientCalls Calls => _client!.Services.GetRequiredService<PatientCalls>();

    /// <param name="workers">Over all silos.</param>
    /// <param name="settings">Environment of the silos.</param>
    public static async Task<StubCluster> StartAsync(int silos, int workers, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var cluster = new StubCluster(await LocalPostgres.StartAsync(new LocalPostgresOptions { Durable = true, MaxConnections = 500 }, cancellationToken));
        try
        {
            var connectionString = cluster._connectionString = await cluster._postgres.CreateDatabaseAsync("dispatch", cancellationToken);
            await PostgresSweepStore.MigrateAsync(connectionString, cancellationToken);
            cluster._store = await PostgresSweepStore.OpenAsync(connectionString, cancellationToken);
            for (var index = 0; index < silos; index++)
            {
                var share = workers / silos + (index < workers % silos ? 1 : 0);
                var name = string.Create(CultureInfo.InvariantCulture, $"silo-{index}");
                cluster._silos.Add(await SiloProcess.StartAsync(name, share, connectionString, settings, cancellationToken));
            }

            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Logging.ClearProviders();
            builder.AddSweepClient(options => (options.Clustering, options.ConnectionString) = ("postgres", connectionString));
            cluster._client = builder.Build();
            await cluster._client.StartAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Submits the sweep; its id.</summary>
    public async Task<string> SubmitAsync(StubSweep sweep, string owner, CancellationToken cancellationToken)
    {
        var plan = sweep.Plan(owner);
        var id = SweepIds.Of(plan);
        await Store.SubmitAsync(id, plan, "", cancellationToken);
        await Calls.CallAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(id).StartAsync(), cancellationToken);
        return id;
    }

    /// <summary>Device-seconds that each sweep's leases held workers between two times, whatever they did meanwhile.</summary>
    public async Task<IReadOnlyDictionary<string, double>> HeldAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(_connectionString);
        await using var command = source.CreateCommand(
            """
            SELECT sweep_id, sum(least(coalesce(ended_at, @to), @to) - greatest(started_at, @from))::float8 / 1e6
            FROM attempts WHERE started_at < @to AND coalesce(ended_at, @to) > @from GROUP BY sweep_id
            """);
        command.Parameters.AddWithValue("from", Microseconds(from));
        command.Parameters.AddWithValue("to", Microseconds(to));
        var held = new Dictionary<string, double>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            held.Add(reader.GetString(0), reader.GetDouble(1));
        return held;

        static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    public Task<SweepStatus> GetStatusAsync(string sweepId, CancellationToken cancellationToken) =>
        Calls.CallAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(sweepId).GetStatusAsync(), cancellationToken);

    public async Task<IReadOnlyList<SiloReport>> ReportAsync(CancellationToken cancellationToken) => await Task.WhenAll(_silos.Select(silo => silo.ReportAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync();
            _client.Dispose();
        }

        await Task.WhenAll(_silos.Select(silo => silo.DisposeAsync().AsTask()));
        if (_store is IAsyncDisposable store)
            await store.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}

/// <summary>What a harness cannot go on from.</summary>
internal sealed class HarnessException(string message) : Exception(message);
