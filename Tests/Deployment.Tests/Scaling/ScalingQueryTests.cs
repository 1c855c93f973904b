using System.Globalization;
using Npgsql;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;
using Sweep.Persistence.Postgres;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Deployment.Tests.Scaling;

/// <summary>The autoscaler's query, run on a store of this version, counts what workers are for.</summary>
public sealed class ScalingQueryTests(PostgresServer server)
{
    private static readonly JobSpec Job = JobSpec.Create(
        new JobIdentity
        {
            WeightsHash = "w",
            TokenizerHash = "t",
            Benchmark = "squad",
            DataHash = "d",
            PromptVersion = "1",
            MetricVersion = "1",
            Interventions = [],
            Measure = Measure.LogLikelihood,
            Precision = "fp32",
            NumericsId = "cpu/1",
        },
        "m",
        "squad.json");

    [Fact]
    public async Task Query_OverASweepsLife_CountsWhatWorkersAreFor()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var database = await server.CreateStoreAsync();
        var store = await PostgresSweepStore.OpenAsync(database, cancellationToken);
        Assert.Equal(0, await AskAsync(database));

        // Not resolved yet: one worker is needed for that.
        await SubmitAsync(store, "one");
        Assert.Equal(1, await AskAsync(database));
        await MoveAsync(store, "one", SweepState.Submitted, SweepState.Expanding);
        Assert.Equal(1, await AskAsync(database));

        await store.AddJobsAsync("one", [new SweepJob { Ordinal = 0, Job = Job, Benchmark = 0 }], cancellationToken);
        await store.AddBatchesAsync([.. Enumerable.Range(0, 5).Select(number => Batch("one", number))], cancellationToken);
        await MoveAsync(store, "one", SweepState.Expanding, SweepState.Running);
        Assert.Equal(5, await AskAsync(database));

        // A batch that runs keeps its worker; one that is done does not.
        var lease = await store.TryGrantAsync("one/000000", 0, "worker", 30, cancellationToken);
        Assert.Equal(5, await AskAsync(database));
        Assert.True(await store.EndLeaseAsync(lease!, BatchStatus.Completed, null, cancellationToken));
        Assert.Equal(4, await AskAsync(database));

        // A paused sweep keeps nobody.
        await SubmitAsync(store, "two");
        await MoveAsync(store, "one", SweepState.Running, SweepState.Paused);
        Assert.Equal(1, await AskAsync(database));
        await MoveAsync(store, "two", SweepState.Submitted, SweepState.Canceled);
        Assert.Equal(0, await AskAsync(database));
    }

    private static Task<SubmitOutcome> SubmitAsync(ISweepStore store, string id) => store.SubmitAsync(
        new SweepSubmission
        {
            SweepId = id,
            Plan = new SweepPlan
            {
                Name = id,
                Models = ["m"],
                Benchmarks = [new BenchmarkPlan { Name = "squad", Data = "squad.json" }],
                Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 1, Channels = new ChannelsPlan { Explicit = [1] } }],
                Scalars = [1],
            },
            PlanText = "",
        },
        TestContext.Current.CancellationToken);

    private static async Task MoveAsync(ISweepStore store, string id, SweepState from, SweepState to) =>
        Assert.True(await store.TrySetStateAsync(id, [from], to, null, TestContext.Current.CancellationToken));

    private static JobBatch Batch(string sweep, int number) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"{sweep}/{number:000000}"),
        SweepId = sweep,
        Jobs = [Job],
        ItemIds = ["item"],
        MicroBatches = [new MicroBatch { FirstItem = 0, ItemCount = 1, FirstJob = 0, JobCount = 1 }],
    };

    private static async Task<long> AskAsync(string database)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var query = (await ManifestSet.LoadAsync("prod")).Of<ScaledObject>().Single().Spec.Triggers.Single().Metadata["query"];
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(query, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
