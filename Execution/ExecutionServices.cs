using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Execution;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Hub;
using Sweep.Execution.Identification;
using Sweep.Execution.Planning;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Residency;
using Sweep.Execution.Running;
using Sweep.Execution.Summaries;

namespace Sweep.Execution;

/// <summary>Registers the runner, the plan resolver and the summarizer; the store comes from elsewhere.</summary>
public static class ExecutionServices
{
    /// <param name="files">Where plans' files lie.</param>
    /// <param name="devices">How devices are used.</param>
    /// <param name="hub">Where models of a hub come from and are kept.</param>
    public static IServiceCollection AddSweepExecution(
        this IServiceCollection services, Action<ResolverOptions>? files = null, Action<DeviceOptions>? devices = null, Action<HubOptions>? hub = null)
    {
        services.AddOptions<ResolverOptions>().Configure(options => files?.Invoke(options));
        services.AddOptions<DeviceOptions>().Configure(options => devices?.Invoke(options))
            .Validate(options => options.IntraOpThreads is null or > 0, "DeviceOptions.IntraOpThreads must be above 0")
            .Validate(options => options.MemoryBudgetBytes > 0, "DeviceOptions.MemoryBudgetBytes must be above 0")
            .Validate(options => options.CudaMemoryShare is > 0 and <= 1, "DeviceOptions.CudaMemoryShare must be above 0 and at most 1")
            .Validate(options => options.CudaModelShare is >= 0 and < 1, "DeviceOptions.CudaModelShare must be at least 0 and below 1")
            .Validate(options => options.CalibrationDevice.Length > 0, "DeviceOptions.CalibrationDevice must name a device, for instance cpu:0");
        services.AddOptions<HubOptions>().Configure(options => hub?.Invoke(options)).Validate(options => !options.Problems().Any(), $"{HubOptions.Key} cannot work");
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ModelHub(provider.GetRequiredService<IOptions<HubOptions>>().Value, Environment.GetEnvironmentVariable(HubOptions.TokenVariable), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<ModelHub>().Cache);
        services.TryAddSingleton(provider => new ModelFetcher(provider.GetRequiredService<ModelHub>(), provider.GetRequiredService<IOptions<HubOptions>>().Value));
        services.AddSingleton<IModelFetcher>(provider => provider.GetRequiredService<ModelFetcher>());
        services.TryAddSingleton<HubPins>();
        services.TryAddSingleton<IDeviceInventory, MachineDevices>();
        services.TryAddSingleton<DeviceMetrics>();
        services.TryAddSingleton<IModelLoader, ModelLoader>();
        services.TryAddSingleton<IBenchmarkReader, EvaluationReader>();
        services.TryAddSingleton<PlanFiles>();
        services.TryAddSingleton<ContentHashes>();
        services.TryAddSingleton<BenchmarkCache>();
        services.TryAddSingleton<IItemTexts, ItemTextReader>();
        services.TryAddSingleton<DevicePool>();
        services.TryAddSingleton<JobInputs>();
        services.TryAddSingleton<BottleneckFiles>();
        services.TryAddSingleton<ModelResolver>();
        services.TryAddSingleton<BenchmarkResolver>();
        services.TryAddSingleton<SiteReading>();
        services.TryAddSingleton<Calibrator>();
        services.TryAddSingleton<ICalibrationCache, StoreCalibrationCache>();
        services.TryAddSingleton<TextReading>();
        services.TryAddSingleton<RowEffects>();
        services.TryAddSingleton<AttentionRecipe>();
        services.TryAddSingleton<ImpactRanking>();
        services.TryAddSingleton<GradientRanking>();
        services.TryAddSingleton<AutoencoderStudy>();
        services.TryAddSingleton<IAblationStudy, AblationStudy>();
        services.TryAddSingleton<IPatchingStudy, PatchingStudy>();
        services.TryAddSingleton<ImpactLedger>();
        services.TryAddSingleton<RecipeResolver>();
        services.TryAddSingleton<ChannelKeeper>();
        services.TryAddSingleton<IIdentifier, Identifier>();
        services.TryAddSingleton<IJobRunnerFactory, JobRunnerFactory>();
        services.TryAddSingleton<IGenerationMargins, GenerationMargins>();
        services.TryAddSingleton<PlanResolver>();
        services.TryAddSingleton<IPlanResolver, SearchResolver>();
        services.TryAddSingleton<ISweepSummarizer, SweepSummarizer>();
        return services;
    }
}
