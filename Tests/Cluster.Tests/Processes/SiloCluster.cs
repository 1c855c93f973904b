using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Persistence.Postgres;
using Sweep.Tests;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Cluster.Tests.Processes;

/// <summary>Silos as processes over one database, and what a test sees of them: the membership table, a client, the store.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly Dictionary<string, string> _variables;
    private readonly List<SiloProcess> _silos = [];
    private IHost? _client;

    private SiloCluster(string connectionString, ISweepStore store, string membership)
    {
        ConnectionString = connectionString;
        Store = store;
        _variables = new Dictionary<string, string>
        {
            ["Sweep__Store__Provider"] = "postgres",
            ["Sweep__Store__ConnectionString"] = connectionString,
            ["Sweep__Silo__Clustering"] = "postgres",
            ["Sweep__Silo__Membership"] = membership,
            ["Sweep__Network__HttpPort"] = "0",
            ["Sweep__Files__Roots"] = Fixtures.Root,
            ["Sweep__Dispatch__TickSeconds"] = "0.2",
        };
    }

    public string ConnectionString { get; }

    public ISweepStore Store { get; }

    /// <summary>What a process of this cluster's users has in its environment.</summary>
    public IReadOnlyDictionary<string, string> ClientVariables => new Dictionary<string, string> { ["Sweep__Store__ConnectionString"] = ConnectionString };

    /// <param name="server">Where its database is.</param>
    /// <param name="membership">The profile; fast ones declare silos dead that have to wait for a processor.</param>
    public static async Task<SiloCluster> CreateAsync(PostgresServer server, string membership = "standard")
    {
        var connectionString = await server.CreateStoreAsync();
        return new SiloCluster(connectionString, await PostgresSweepStore.OpenAsync(connectionString, TestContext.Current.CancellationToken), membership);
    }

    public SiloProcess Start(string name, params (string Variable, string Value)[] more)
    {
        var variables = new Dictionary<string, string>(_variables) { ["Sweep__Silo__Name"] = name };
        foreach (var (variable, value) in more)
            variables[variable] = value;
        var silo = SiloProcess.Start(name, variables);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Starts silos with both roles and waits until all are ready.</summary>
    public async Task<SiloProcess[]> StartReadyAsync(params string[] names)
    {
        var silos = names.Select(name => Start(name)).ToArray();
        return await Task.WhenAll(silos.Select(silo => silo.ReadyAsync()));
    }

    /// <summary>The membership table: the newest status of every silo, by name. It is read as Orleans does, by the statement that the database holds.</summary>
    public async Task<IReadOnlyDictionary<string, SiloStatus>> ReadMembersAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var query = new NpgsqlCommand("SELECT querytext FROM orleansquery WHERE querykey = 'MembershipReadAllKey'", connection);
        await using var read = new NpgsqlCommand((string)(await query.ExecuteScalarAsync())!, connection);
        read.Parameters.AddWithValue("DeploymentId", "sweep");
        await using var rows = await read.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var members = new Dictionary<string, SiloStatus>();
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (!await rows.IsDBNullAsync(rows.GetOrdinal("SiloName")))
                members[rows.GetString(rows.GetOrdinal("SiloName"))] = (SiloStatus)rows.GetInt32(rows.GetOrdinal("Status"));
        }

        return members;
    }

    /// <summary>Looks every 20 ms until the condition holds; the time that took.</summary>
    public async Task<TimeSpan> UntilAsync(string phase, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > BuiltProgram.Patience)
                throw new TimeoutException($"waited {BuiltProgram.Patience.TotalSeconds} s for {phase}; {string.Join("", _silos.Select(silo => $"\n{silo.Name} said at last:\n{silo.Said}"))}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return clock.Elapsed;
    }

    public Task<TimeSpan> UntilStatusAsync(string silo, SiloStatus status) =>
        UntilAsync($"{silo} to be {status}", async () => (await ReadMembersAsync()).TryGetValue(silo, out var found) && found == status);

    public async Task<IGrainFactory> ClientAsync()
    {
        if (_client is null)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Configuration.AddInMemoryCollection([new("Sweep:Store:ConnectionString", ConnectionString)]);
            builder.AddSweepClient(options => options.ConnectSeconds = 60);
            _client = builder.Build();
            await _client.StartAsync(TestContext.Current.CancellationToken);
        }

        return _client.Services.GetRequiredService<IGrainFactory>();
    }

    /// <summary>Stores the sweep and wakes its coordinator.</summary>
    public async Task<string> SubmitAsync(string planText)
    {
        var plan = PlanReader.Read(planText, "plan.yaml");
        var id = SweepIds.Of(plan);
        await Store.SubmitAsync(id, plan, planText, TestContext.Current.CancellationToken);
        await (await ClientAsync()).GetGrain<ISweepCoordinatorGrain>(id).StartAsync();
        return id;
    }

    public async Task<SweepRecord> EndAsync(string sweepId)
    {
        SweepRecord? record = null;
        await UntilAsync("the sweep's end", async () =>
            (record = await Store.FindSweepAsync(sweepId, TestContext.Current.CancellationToken))!.State is SweepState.Completed or SweepState.Canceled or SweepState.Faulted);
        return record!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync();
            _client.Dispose();
        }

        foreach (var silo in _silos)
            await silo.DisposeAsync();
        await ((IAsyncDisposable)Store).DisposeAsync();
    }
}
