using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Sweep.Tests.RabbitMq;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>What the fault tests share: real servers, the export of the plan's undisturbed run, and the silos, which go on from test to test where the next one wants the same.</summary>
public sealed class FaultServers(PostgresServer postgres, RabbitMqFixture rabbitMq) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FaultCluster? _cluster;
    private string? _reference;
    private string? _searchReference;

    public PostgresServer Postgres => postgres;

    public RabbitMqFixture RabbitMq => rabbitMq;

    internal string Folder => _folder.Path;

    /// <summary>Export of the undisturbed run.</summary>
    internal string Reference => _reference ?? throw new InvalidOperationException("no cluster was asked for");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Ready silos of these kinds, nothing in their store.</summary>
    internal async Task<FaultCluster> ReadyAsync(FaultSettings settings, params SiloKind[] silos)
    {
        _reference ??= await RunUndisturbedAsync("faults", FaultPlan.Text());
        if (_cluster is not null && (_cluster.IsSpoiled || _cluster.Settings != settings))
        {
            await _cluster.DisposeAsync();
            _cluster = null;
        }

        _cluster ??= await FaultCluster.CreateAsync(this, settings);
        await _cluster.BeginAsync(silos);
        return _cluster;
    }

    /// <summary>The same of the search.</summary>
    internal async Task<string> SearchReferenceAsync() => _searchReference ??= await RunUndisturbedAsync("search", FaultPlan.SearchText());

    private async Task<string> RunUndisturbedAsync(string name, string text)
    {
        var plan = _folder.Write($"{name}.yaml", text);
        var store = Path.Combine(Folder, $"{name}.db");
        (await CliProcess.RunAsync(Fixtures.Root, "run", plan, "--store", store)).Expect(0);
        return (await CliProcess.RunAsync(Fixtures.Root, "export", "--latest", "--format", "json", "--store", store)).Expect(0).Output;
    }
}

/// <summary>One test after the other: each has the machine for itself.</summary>
[CollectionDefinition(nameof(FaultCollection))]
[TestClassOrderer(typeof(FaultOrder))]
public sealed class FaultCollection : ICollectionFixture<FaultServers>;
