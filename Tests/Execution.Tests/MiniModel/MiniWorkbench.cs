using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Execution.Calibration;
using Sweep.Execution.Residency;
using Sweep.Execution.Tests.Planning.Search;
using Sweep.Execution.Tests.Stubs;
using Sweep.Models.Tests.Cuda;
using Sweep.Tests;

namespace Sweep.Execution.Tests.MiniModel;

/// <summary>The shipped models and benchmarks with everything real but the store.</summary>
internal sealed class MiniWorkbench : IDisposable
{
    /// <summary>Rows of layer 8's out_proj that were multiplied by 20 in models/mamba-mini-planted.</summary>
    public static readonly int[] Planted = [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185];

    private readonly ServiceProvider _services;

    /// <param name="intraOpThreads">Null: all.</param>
    /// <param name="device">Where sweeps are resolved. Null: the device of tests.</param>
    /// <param name="loader">Null: the real one.</param>
    /// <param name="root">A folder with files of the test's own, looked into first.</param>
    public MiniWorkbench(int? intraOpThreads = null, string? device = null, IModelLoader? loader = null, string? root = null)
    {
        var services = new ServiceCollection().AddSingleton(Ledger.Store).AddSingleton<ICalibrationCache>(Calibrations);
        if (loader is not null)
            services.AddSingleton(loader);
        _services = services
            .AddSweepExecution(files => files.Roots = root is null ? [Fixtures.Root] : [root, Fixtures.Root], devices => (devices.IntraOpThreads, devices.CalibrationDevice) = (intraOpThreads, device ?? TestDevice.Name))
            .BuildServiceProvider();
    }

    public MemoryCalibrationCache Calibrations { get; } = new();

    /// <summary>What stages have measured.</summary>
    public SearchLedger Ledger { get; } = new();

    public static SweepPlan Plan { get; } = new()
    {
        Name = "mini",
        Models = ["models/mamba-mini"],
        Benchmarks = [new BenchmarkPlan { Name = "triviaqa", Data = "benchmarks/mini/triviaqa.json" }],
        Bottlenecks = [new BottleneckPlan { Name = "planted", Layer = 8, Channels = new ChannelsPlan { Explicit = Planted } }],
        Scalars = [0.05],
        Controls = new ControlsPlan { Random = 0 },
    };

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<ResolvedPlan> ResolveAsync(SweepPlan plan) =>
        Get<IPlanResolver>().ResolveAsync(plan, calibrate: true, TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<ItemResult>> RunAsync(JobBatch batch, string? device = null, IReadOnlySet<(JobId Job, string Item)>? recorded = null)
    {
        await using var runner = Get<IJobRunnerFactory>().Create(device ?? TestDevice.Name);
        var rows = new List<ItemResult>();
        await foreach (var result in runner.RunAsync(batch, recorded ?? new HashSet<(JobId, string)>(), TestContext.Current.CancellationToken))
            rows.AddRange(result.Rows);
        return rows;
    }

    public void Dispose() => _services.Dispose();
}
