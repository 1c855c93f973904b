using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Diagnostics;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution;
using Sweep.Execution.Devices;
using Sweep.Execution.Hub;
using Sweep.Grains.Dispatch;
using Sweep.Hosting.Planning;
using Sweep.Persistence;
using Sweep.Persistence.Sqlite;

namespace Sweep.Hosting;

/// <summary>How the embedded system runs.</summary>
public sealed record EmbeddedOptions
{
    private const string Cpu = "cpu";

    /// <summary>SQLite file. Default: .sweep/sweep.db under the current folder.</summary>
    public string StorePath { get; init; } = Path.Combine(".sweep", "sweep.db");

    /// <summary>Workers, each with a model of its own on the CPU. Default: 1.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>"cpu", "cuda:N" for one worker on that GPU, or "cuda:all" for one on each. Default: cpu.</summary>
    public string Device { get; init; } = Cpu;

    /// <summary>What jobs that are resolved here are made with.</summary>
    public string NumericsId => Numerics.Of(Device);

    /// <summary>Folders that relative names in plans are looked up in.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Where models of a hub come from and are kept. Default: as the variables Sweep__Hub__… say.</summary>
    public HubOptions Hub { get; init; } = EmbeddedSweep.HubSettings();

    /// <summary>Sweeps that the store holds unfinished are taken up. Default: false, only what is submitted runs.</summary>
    public bool TakeUpUnfinished { get; init; }

    /// <summary>Log lines go to standard error. Default: false, they go to the log beside the store only.</summary>
    public bool Verbose { get; init; }

    internal IReadOnlyList<string> Devices => Device switch
    {
        Cpu => [.. Enumerable.Range(0, Workers).Select(index => $"cpu:{index}")],
        // Where there is none the first is missed by its name, which says why.
        DeviceNames.AllCuda => DeviceNames.Expand([Device], new MachineDevices(), nameof(Device), out _) is { Count: > 0 } all ? all : ["cuda:0"],
        _ => [Device],
    };

    /// <exception cref="OptionsValidationException">This process cannot compute on the device.</exception>
    internal EmbeddedOptions Checked() =>
        Devices.Select(TorchDevice.Problem).FirstOrDefault(problem => problem is not null) is { } problem ? throw new OptionsValidationException(nameof(Device), typeof(EmbeddedOptions), [problem]) : this;
}

/// <summary>The whole system in this process: store, silo, workers. It owns the store file while it lives.</summary>
public sealed class EmbeddedSweep : IAsyncDisposable
{
    private readonly OwnedStore _owned;
    private readonly IHost _host;

    private EmbeddedSweep(OwnedStore owned, IHost host)
    {
        _owned = owned;
        _host = host;
    }

    public ISweepStore Store => _owned.Store;

    /// <summary>What runs here, for a dashboard beside it: grains, resolver, log.</summary>
    public IServiceProvider Services => _host.Services;

    /// <exception cref="OptionsValidationException">This process cannot compute on the device.</exception>
    /// <exception cref="StoreInUseException">Another process works on the store.</exception>
    /// <exception cref="IncompatibleStoreException">The file is no store, or one of a newer version.</exception>
    public static async Task<EmbeddedSweep> StartAsync(EmbeddedOptions options, CancellationToken cancellationToken)
    {
        var owned = await OwnedStore.OpenAsync(options.Checked().StorePath, cancellationToken);
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Configuration.AddInMemoryCollection(PackingVariables());
            builder.Logging.ClearProviders();
            if (options.Verbose)
                builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            builder.Services.AddSingleton<ILoggerProvider>(_ => new FileLoggerProvider(owned.Path + ".log"));
            builder.Services.AddSweepStore(owned.Store);
            AddExecution(builder.Services, options);
            builder.Services.AddSingleton<IPlanEstimator, PlanEstimator>();
            builder.AddSweepSilo(silo =>
            {
                silo.Worker.Devices = [.. options.Devices];
                silo.Dispatch.TakeUpUnfinished = options.TakeUpUnfinished;
            });
            var host = builder.Build();
            await host.StartAsync(cancellationToken);
            return new EmbeddedSweep(owned, host);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Resolver, runner and summarizer over a store, without a silo: for planning, replaying, summarising.</summary>
    /// <exception cref="OptionsValidationException">This process cannot compute on the device.</exception>
    public static ServiceProvider CreateServices(ISweepStore store, EmbeddedOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSweepStore(store);
        AddExecution(services, options.Checked());
        return services.BuildServiceProvider();
    }

    /// <summary>What needs no store: identification.</summary>
    /// <exception cref="OptionsValidationException">This process cannot compute on the device.</exception>
    public static ServiceProvider CreateServices(EmbeddedOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        AddExecution(services, options.Checked());
        return services.BuildServiceProvider();
    }

    /// <summary>How this process would pack work: the variables Sweep__Planner__… over the defaults.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static BatchPlannerOptions PlannerOptions() => SweepSiloOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(PackingVariables()).Build()).Planner;

    /// <summary>The hub and cache of this machine: the variables Sweep__Hub__… over the defaults.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static HubOptions HubSettings() => SweepSiloOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(Variables(HubOptions.Key)).Build()).Hub;

    /// <summary>Submits the plan, or takes the same plan's sweep up where it stopped.</summary>
    public async Task<SweepRecord> SubmitAsync(SweepPlan plan, string planText, CancellationToken cancellationToken)
    {
        var id = SweepIds.Of(plan);
        using var activity = SweepTrace.Start("sweep.submit", id, ActivityKind.Producer);

        // Asking again for a sweep that was stopped or refused means: try again.
        var submission = new SweepSubmission { SweepId = id, Plan = plan, PlanText = planText, Reopen = true };
        var sweep = (await Store.SubmitAsync(submission, cancellationToken)).Sweep!;
        if (sweep.State != SweepState.Completed)
            await Coordinator(id).StartAsync();
        return sweep;
    }

    public Task<SweepStatus> GetStatusAsync(string sweepId) => Coordinator(sweepId).GetStatusAsync();

    /// <summary>Drains the workers: running micro-batches end and are recorded, batches are given back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _owned.Dispose();
    }

    /// <summary>Of a machine's settings only those of packing hold here: a store or a cluster that silos are to use is not this process's.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> PackingVariables() => Variables("Sweep:Planner");

    private static IEnumerable<KeyValuePair<string, string?>> Variables(string section) => new ConfigurationBuilder().AddEnvironmentVariables().Build()
        .AsEnumerable().Where(pair => pair.Key.StartsWith($"{section}:", StringComparison.OrdinalIgnoreCase));

    private ISweepCoordinatorGrain Coordinator(string sweepId) => _host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISweepCoordinatorGrain>(sweepId);

    private static void AddExecution(IServiceCollection services, EmbeddedOptions options) => services.AddSweepExecution(
        files =>
        {
            files.Roots = [.. options.Roots];
            files.AllowAbsolutePaths = true;
        },
        devices =>
        {
            devices.IntraOpThreads = Math.Max(1, Environment.ProcessorCount / options.Workers);
            devices.CalibrationDevice = options.Devices[0];
        },
        options.Hub.CopyTo);
}
