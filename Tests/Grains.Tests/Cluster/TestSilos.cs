using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Workers;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>Two silos in this process over one store.</summary>
internal sealed class TestSilos : IAsyncDisposable
{
    public const string SweepId = "sweep-a";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, SiloConnection> _connections = new();

    private TestSilos(InProcessTestCluster cluster, MemorySweepStore store, StubWork work, ConcurrentDictionary<string, SiloConnection> connections) =>
        (Cluster, Store, Work, _connections) = (cluster, store, work, connections);

    public InProcessTestCluster Cluster { get; }

    public MemorySweepStore Store { get; }

    public StubWork Work { get; }

    public ISweepCoordinatorGrain Coordinator => Cluster.Client.GetGrain<ISweepCoordinatorGrain>(SweepId);

    /// <summary>4 forks × 3 scalars × 2 measures on 12 items, and the baseline.</summary>
    public static ResolvedPlan Resolved { get; } = new()
    {
        NumericsId = "cpu/1",
        Models = [Plans.Model(0)],
        Benchmarks = [Plans.Benchmark("b", "squad", "data", [Measure.LogLikelihood, Measure.Generation], items: 12)],
        Bottlenecks = [.. Enumerable.Range(0, 4).Select(layer => Plans.Bottleneck(0, $"n{layer}", -1, layer, "MixerOutput", scalars: 2))],
    };

    public static HashSet<(JobId, string)> ExpectedRows { get; } =
        PlanExpander.Jobs(Plans.Plan, Resolved).SelectMany(job => Resolved.Benchmarks[job.Benchmark].Items, (job, item) => (job.Job.Id, item.Id)).ToHashSet();

    /// <summary>Silos of which the test will kill some: leases are short, silence is noticed soon.</summary>
    public static Task<TestSilos> StartMortalAsync(StubWork work, short count = 2) => DeployAsync(work, leaseSeconds: 2, count, mortal: true);

    /// <summary>Silos that all live: none is taken for dead, and no lease expires, because the machine is busy.</summary>
    /// <param name="configure">Further settings of every silo.</param>
    public static Task<TestSilos> StartAsync(StubWork work, double leaseSeconds = 60, short count = 2, LossyNetwork? network = null, Action<IServiceCollection>? configure = null) =>
        DeployAsync(work, leaseSeconds, count, mortal: false, network, configure);

    private static async Task<TestSilos> DeployAsync(StubWork work, double leaseSeconds, short count, bool mortal, LossyNetwork? network = null, Action<IServiceCollection>? configure = null)
    {
        var store = new MemorySweepStore();
        var connections = new ConcurrentDictionary<string, SiloConnection>();
        var builder = new InProcessTestClusterBuilder(count);
        builder.ConfigureSilo((silo, siloBuilder) =>
        {
            siloBuilder.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = mortal ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(10);
                options.NumMissedProbesLimit = 2;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
            });
            siloBuilder.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(mortal ? 3 : 20));
            siloBuilder.Services.Configure<DispatchOptions>(options => (options.LeaseSeconds, options.TickSeconds, options.WatchSeconds) = (leaseSeconds, 0.1, 2));
            siloBuilder.Services.Configure<BatchPlannerOptions>(options => (options.MaxRowTokens, options.MinimumRows, options.MultiplyAddsPerSecond, options.MinimumBatches) = (400, 1, 2e7, 8));
            siloBuilder.Services.Configure<WorkerOptions>(options => (options.Devices, options.IdleMaximumSeconds, options.StorePatienceSeconds, options.DrainSeconds) = (["cpu:0"], 0.1, 20, 60));
            siloBuilder.Services.AddSingleton(_ =>
            {
                var (view, connection) = SiloConnection.To(store);
                connections[silo.SiloName] = connection;
                return view;
            });
            siloBuilder.Services.AddSingleton(work.Runners(silo.SiloName));
            siloBuilder.Services.AddSingleton(work.Resolver);
            siloBuilder.Services.AddSingleton(work.Summarizer);
            if (network is not null)
                siloBuilder.AddOutgoingGrainCallFilter(network);
            configure?.Invoke(siloBuilder.Services);
            siloBuilder.AddSweepDispatch();
        });
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(mortal ? 5 : 20)));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestSilos(cluster, store, work, connections);
    }

    public async Task SubmitAsync(SweepPlan? plan = null, string sweepId = SweepId)
    {
        await Store.SubmitAsync(sweepId, plan ?? Plans.Plan, "", CancellationToken.None);
        await Cluster.Client.GetGrain<ISweepCoordinatorGrain>(sweepId).StartAsync();
    }

    /// <summary>Waits for the sweep's end in the store.</summary>
    public async Task<SweepRecord> EndAsync(string sweepId = SweepId)
    {
        SweepRecord? record = null;
        await UntilAsync("the sweep's end", async () =>
            (record = await Store.FindSweepAsync(sweepId, CancellationToken.None))!.State.IsFinal());
        return record!;
    }

    /// <summary>Polls until the condition holds; a timeout says what was waited for and how far the sweep came.</summary>
    public async Task UntilAsync(string phase, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Patience)
            {
                var sweep = await Store.FindSweepAsync(SweepId, CancellationToken.None);
                throw new TimeoutException(
                    $"waited {Patience.TotalSeconds} s for {phase}; sweep {sweep?.State} ({sweep?.Reason}), {Store.Ledger.Count} of {ExpectedRows.Count} rows, batches {string.Join(", ", Store.Batches.Select(batch => $"{batch.Id} {batch.Status}"))}");
            }

            await Task.Delay(20);
        }
    }

    public Task UntilAsync(string phase, Func<bool> condition) => UntilAsync(phase, () => Task.FromResult(condition()));

    public InProcessSiloHandle Silo(string name) => Cluster.Silos.Single(silo => silo.Name == name);

    /// <summary>Name of the silo on which the coordinator lives.</summary>
    public async Task<string> CoordinatorSiloAsync()
    {
        await Coordinator.GetStatusAsync();
        return await SiloOfAsync(Coordinator);
    }

    /// <summary>Name of the silo on which the scheduler lives.</summary>
    public async Task<string> SchedulerSiloAsync()
    {
        var scheduler = Cluster.Client.GetGrain<ISchedulerGrain>(0);
        await scheduler.ListWorkersAsync();
        return await SiloOfAsync(scheduler);
    }

    public SiloConnection Connection(string silo) => _connections[silo];

    /// <summary>Ends a silo like kill -9: nothing of it reaches the store any more, and it says goodbye to nobody.</summary>
    public async Task KillAsync(string silo)
    {
        Connection(silo).IsCut = true;
        await Cluster.KillSiloAsync(Silo(silo));
    }

    private async Task<string> SiloOfAsync(IAddressable grain)
    {
        var address = await Cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        return Cluster.Silos.Single(silo => silo.SiloAddress.Equals(address)).Name;
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
    }
}
