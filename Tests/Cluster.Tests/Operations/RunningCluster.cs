using Sweep.Cluster.Tests.Processes;
using Sweep.Contracts.Store;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Cluster.Tests.Operations;

/// <summary>A coordinator and a worker that have run one sweep, and what a collector got of it. Tests leave it as they found it.</summary>
public sealed class RunningCluster(PostgresServer server) : IAsyncLifetime
{
    public const string Name = "running cluster";
    public const int Items = 6;
    public const string DashboardToken = "a-token-of-this-test";
    private readonly OtlpReceiver _collector = new();
    private SiloCluster? _cluster;

    internal SiloCluster Cluster => _cluster!;

    internal SiloProcess Coordinator { get; private set; } = null!;

    internal SiloProcess Worker { get; private set; } = null!;

    internal OtlpReceiver Collector => _collector;

    internal string SweepId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _cluster = await SiloCluster.CreateAsync(server);
        (string, string)[] telemetry = [("OTEL_EXPORTER_OTLP_ENDPOINT", _collector.Endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "200")];
        Coordinator = _cluster.Start(
            "coordinator", [.. telemetry, ("Sweep__Silo__Roles", "coordinator"), ("Sweep__OrleansDashboard__Enabled", "true"), ("Sweep__OrleansDashboard__Token", DashboardToken)]);
        Worker = _cluster.Start("worker", [.. telemetry, ("Sweep__Silo__Roles", "worker"), ("Sweep__Worker__Devices", "cpu"), ("Sweep__Telemetry__LogFormat", "json")]);
        await Task.WhenAll(Coordinator.ReadyAsync(), Worker.ReadyAsync());
        SweepId = await _cluster.SubmitAsync(TinyPlan.Text(Items));
        var record = await _cluster.EndAsync(SweepId);
        Assert.Equal((SweepState.Completed, null), (record.State, record.Reason));
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        await _collector.DisposeAsync();
    }
}

[CollectionDefinition(RunningCluster.Name)]
public sealed class RunningClusterTests : ICollectionFixture<RunningCluster>;
