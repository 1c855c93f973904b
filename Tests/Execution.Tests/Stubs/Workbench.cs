using Microsoft.Extensions.Options;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Hub;
using Sweep.Execution.Identification;
using Sweep.Execution.Planning;
using Sweep.Execution.Residency;
using Sweep.Execution.Running;
using Sweep.Execution.Tests.Planning.Search;
using Sweep.Tests;

namespace Sweep.Execution.Tests.Stubs;

/// <summary>A folder with a stub model, stub benchmarks and a calibration text, and everything of Execution over it.</summary>
internal sealed class Workbench : IDisposable
{
    /// <param name="hub">Address of a hub that models are fetched from; null: none is.</param>
    public Workbench(string? hub = null)
    {
        Folder = Directory.CreateTempSubdirectory("sweep-execution-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "model"));
        File.WriteAllText(Path.Combine(Folder, "model", "weights"), "one");
        Write("qa.txt", [.. Enumerable.Range(0, 12).Select(item => $"q{item}|{item / 2}|{new string((char)('a' + item), 20 + item)}|which {item}?|gold{item};other{item}")]);
        Write("text.txt", [.. Enumerable.Range(0, 4).Select(item => $"t{item}|{item}|plain text {item} of a book||")]);
        Write("calibration.jsonl", [.. Enumerable.Range(0, 5).Select(item => $$"""{"id": "c{{item}}", "half": "{{(item < 4 ? "a" : "b")}}", "text": "{{new string('z', 10 + item)}}"}""")]);
        HubOptions = new HubOptions { Endpoint = hub ?? "http://127.0.0.1:9", Cache = Path.Combine(Folder, "cache"), Fetch = hub is not null };
        Hub = new ModelHub(HubOptions, null, TimeProvider.System);
        Files = new PlanFiles(Options.Create(new ResolverOptions { Roots = [Folder] }), Hub.Cache);
        Pool = new DevicePool(Loader, Options.Create(DeviceOptions), new DeviceMetrics(Meters, new MachineDevices()), new MachineDevices());
        var cache = new BenchmarkCache(Benchmarks, Hashes, Files);
        Inputs = new JobInputs(Files, Loader, cache);
        var impacts = new ImpactLedger(Ledger.Store);
        var calibrator = new Calibrator(Pool, Calibrations, new SiteReading(Pool));
        Resolver = new PlanResolver(
            new ModelResolver(Files, Loader), new HubPins(new ModelFetcher(Hub, HubOptions)), new BenchmarkResolver(Files, cache), Files, Hashes, new BottleneckFiles(Files), calibrator,
            new RecipeResolver(Pool, Calibrations, Files, cache, new TextReading(Pool), impacts), new ChannelKeeper(Calibrations), impacts, Options.Create(DeviceOptions));
    }

    public string Folder { get; }

    public HubOptions HubOptions { get; }

    public ModelHub Hub { get; }

    public StubLoader Loader { get; } = new();

    public MeterProbe Meters { get; } = new();

    public StubBenchmarks Benchmarks { get; } = new();

    public ContentHashes Hashes { get; } = new();

    public DeviceOptions DeviceOptions { get; } = new();

    public MemoryCalibrationCache Calibrations { get; } = new();

    /// <summary>What stages have measured.</summary>
    public SearchLedger Ledger { get; } = new();

    public PlanFiles Files { get; }

    public DevicePool Pool { get; }

    public JobInputs Inputs { get; }

    public PlanResolver Resolver { get; }

    public static SweepPlan Plan { get; } = new()
    {
        Name = "stub",
        Models = ["model"],
        Benchmarks = [new BenchmarkPlan { Name = "qa", Data = "qa.txt" }],
        Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 2, Channels = new ChannelsPlan { Explicit = [1, 5] } }],
        Scalars = [0.5, 2],
        Controls = new ControlsPlan { Random = 2 },
    };

    public string Write(string name, params string[] lines)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    public Task<ResolvedPlan> ResolveAsync(SweepPlan plan) => Resolver.ResolveAsync(plan, calibrate: true, TestContext.Current.CancellationToken);

    /// <summary>Runs the stage that a plan's recipes over items wait for, in batches of so many jobs and items.</summary>
    public async Task<ResolvedPlan> MeasureImpactsAsync(SweepPlan plan, int items = int.MaxValue, int jobs = int.MaxValue)
    {
        var stage = ImpactStages.Of(plan)!;
        var resolved = await ResolveAsync(stage);
        for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
        {
            foreach (var result in await RunAsync(Batch(stage, resolved, benchmark, items, jobs)))
                Ledger.Record(result.Rows);
        }

        Ledger.Complete(stage, resolved);
        return resolved;
    }

    /// <summary>One batch of all jobs of a benchmark, in micro-batches of this shape.</summary>
    public static JobBatch Batch(SweepPlan plan, ResolvedPlan resolved, int benchmark = 0, int items = int.MaxValue, int jobs = int.MaxValue)
    {
        var all = PlanExpander.Jobs(plan, resolved).Where(job => job.Benchmark == benchmark).Select(job => job.Job).ToArray();
        var ids = resolved.Benchmarks[benchmark].Items.Select(item => item.Id).ToArray();
        var micro = new List<MicroBatch>();
        for (var item = 0; item < ids.Length; item += Math.Min(items, ids.Length))
        {
            for (var job = 0; job < all.Length; job += Math.Min(jobs, all.Length))
            {
                micro.Add(new MicroBatch
                {
                    FirstItem = item,
                    ItemCount = Math.Min(items, ids.Length - item),
                    FirstJob = job,
                    JobCount = Math.Min(jobs, all.Length - job),
                });
            }
        }

        return new JobBatch { Id = "s/0", SweepId = "s", Jobs = all, ItemIds = ids, MicroBatches = micro };
    }

    public async Task<IReadOnlyList<MicroBatchResult>> RunAsync(
        JobBatch batch, IReadOnlySet<(JobId Job, string Item)>? recorded = null, string device = "cpu:0")
    {
        await using var runner = new JobRunner(Pool, device, Inputs);
        var results = new List<MicroBatchResult>();
        await foreach (var result in runner.RunAsync(batch, recorded ?? new HashSet<(JobId, string)>(), TestContext.Current.CancellationToken))
            results.Add(result);
        return results;
    }

    public void Dispose()
    {
        Meters.Dispose();
        Hub.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
