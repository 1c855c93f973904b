using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Postgres.Local;

namespace Sweep.Perf;

/// <summary>
/// Full-width rows through the store's own RecordAsync into a durable PostgreSQL of its own: fencing, staging COPY, conflict check, accounting. Several writers, each with its lease.
/// </summary>
internal static class LedgerHarness
{
    private const int Writers = 4;
    private const int MicroBatches = 5;
    private const int JobsAtOnce = 20;
    private const int Items = 100;
    private const int WarmUps = 3;
    private const int Rounds = 9;
    private const int SmallRounds = 200;
    private const int Target = 50_000;

    /// <summary>False: the target is missed.</summary>
    public static bool Run(bool json) => RunAsync(json).GetAwaiter().GetResult();

    private static async Task<bool> RunAsync(bool json)
    {
        await using var server = await LocalPostgres.StartAsync(new LocalPostgresOptions { Durable = true }, CancellationToken.None);
        var connection = await server.CreateDatabaseAsync("ledger", CancellationToken.None);
        await PostgresSweepStore.MigrateAsync(connection, CancellationToken.None);
        var store = await PostgresSweepStore.OpenAsync(connection, CancellationToken.None);
        await using var closing = (IAsyncDisposable)store;
        await store.SubmitAsync("ledger", Plan, "ledger", CancellationToken.None);

        var seconds = new double[Rounds];
        for (var round = -WarmUps; round < Rounds; round++)
        {
            var work = await PrepareAsync(store, WarmUps + round);
            var elapsed = Comparison.Seconds(() => Task.WhenAll(work.Select(writer => WriteAsync(store, writer))).GetAwaiter().GetResult());
            if (round >= 0)
                seconds[round] = elapsed;
        }

        var (lease, batches) = (await PrepareAsync(store, WarmUps + Rounds))[0];
        var small = new double[SmallRounds];
        for (var index = 0; index < SmallRounds; index++)
        {
            var rows = batches[index % MicroBatches].Rows.Skip(index / MicroBatches * 10).Take(10).ToArray();
            small[index] = Comparison.Seconds(() => store.RecordAsync(lease, Micro(rows), CancellationToken.None).GetAwaiter().GetResult());
        }

        return Print(server, Timing.Of(seconds), Timing.Of(small), json);
    }

    private static async Task WriteAsync(ISweepStore store, (Lease Lease, MicroBatchResult[] Batches) writer)
    {
        foreach (var batch in writer.Batches)
        {
            var outcome = await store.RecordAsync(writer.Lease, batch, CancellationToken.None);
            if (outcome.Accepted != batch.Rows.Count)
                throw new InvalidOperationException($"the store accepted {outcome.Accepted} of {batch.Rows.Count} rows");
        }
    }

    /// <summary>New jobs for every writer, on the items that all share.</summary>
    private static async Task<(Lease Lease, MicroBatchResult[] Batches)[]> PrepareAsync(ISweepStore store, int round)
    {
        var work = new (Lease, MicroBatchResult[])[Writers];
        for (var writer = 0; writer < Writers; writer++)
        {
            var number = (round * Writers) + writer;
            var first = number * MicroBatches * JobsAtOnce;
            var jobs = Enumerable.Range(first, MicroBatches * JobsAtOnce).Select(Job).ToArray();
            await store.AddJobsAsync("ledger", [.. jobs.Select((job, index) => new SweepJob { Ordinal = first + index, Job = job, Benchmark = 0 })], CancellationToken.None);
            var id = string.Create(CultureInfo.InvariantCulture, $"ledger/{number:000000}");
            await store.AddBatchesAsync([new JobBatch { Id = id, SweepId = "ledger", Jobs = jobs, ItemIds = [], MicroBatches = [] }], CancellationToken.None);
            var lease = await store.TryGrantAsync(id, 0, $"writer-{writer}", 30, CancellationToken.None) ?? throw new InvalidOperationException("no lease");
            work[writer] = (lease, [.. jobs.Chunk(JobsAtOnce).Select(chunk => Micro([.. chunk.SelectMany(job => Enumerable.Range(0, Items).Select(item => Row(job.Id, item)))]))]);
        }

        return work;
    }

    private static MicroBatchResult Micro(ItemResult[] rows) => new() { Index = 0, Rows = rows, Tokens = 300L * rows.Length, DeviceSeconds = 10 };

    /// <summary>Every column filled.</summary>
    private static ItemResult Row(JobId job, int item) => new()
    {
        JobId = job,
        ItemId = $"0123456789abcdef:{item:x24}",
        PromptHash = "0123456789abcdef",
        Response = Encoding.UTF8.GetBytes($"the answer that a small model gives to question {item}"),
        Metrics = new Dictionary<string, double> { ["exact_match"] = item % 2, ["f1"] = item / 7.0 % 1, ["contains"] = 1 },
        LogLikelihood = -12.345678 - item,
        LogLikelihoodTokens = 7,
        GoldLogLikelihoods = [-12.345678 - item, -13.5, null],
        Flags = ItemFlags.GenerationTruncated,
        DivergedLayer = 3,
        DivergedStep = 17,
        Receipt = new ReceiptRow { PositionsTouched = 321, OnTargetMinimum = 0.5, OnTargetMaximum = 0.5, OffTargetDeviation = 0, RelativeChange = 0.0625, NextTokenKl = 0.001 * item },
    };

    private static JobSpec Job(int index) => JobSpec.Create(
        new JobIdentity
        {
            WeightsHash = "weights",
            TokenizerHash = "tokenizer",
            Benchmark = "squad",
            DataHash = index.ToString("x16", CultureInfo.InvariantCulture),
            PromptVersion = "1",
            MetricVersion = "1",
            Interventions = [],
            Measure = Measure.Generation,
            Precision = "fp32",
            NumericsId = "cpu/1",
        },
        "model",
        "data");

    private static bool Print(LocalPostgres server, Timing rounds, Timing small, bool json)
    {
        const int Rows = Writers * MicroBatches * JobsAtOnce * Items;
        var (median, low, high) = (Rows / rounds.Median, Rows / rounds.High, Rows / rounds.Low);
        var machine = $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors";
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { name = "ledger", machine, server = server.Description, writers = Writers, rows_a_round = Rows, rows_per_second = median, low, high, rounds = rounds.Rounds, small_record_ms = 1000 * small.Median, target = Target }));
            return median >= Target;
        }

        Console.WriteLine($"ledger ({machine}; {server.Description})");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Writers} writers, {JobsAtOnce * Items} rows a micro-batch: {median:0} rows/s (median of {rounds.Rounds} rounds of {Rows}; {low:0} to {high:0}; target {Target})"));
        Console.WriteLine($"  one writer, 10 rows a micro-batch: {small}");
        return median >= Target;
    }

    private static SweepPlan Plan => new() { Name = "ledger", Models = [], Benchmarks = [], Bottlenecks = [] };
}
