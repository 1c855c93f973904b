using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Grains.Answers;
using Sweep.Grains.Coordination;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Placement;
using Sweep.Grains.Scheduling;
using Sweep.Grains.Watching;
using Sweep.Grains.Workers;

namespace Sweep.Grains;

/// <summary>Grains and workers of a silo. The caller registers the store, the runner factory, the resolver and the summarizer.</summary>
public static class SweepDispatchExtensions
{
    /// <param name="silo">The silo.</param>
    /// <param name="roles">
    /// What it hosts. A grain class that a silo does not host is left out of what the silo tells the cluster about itself, so that nobody, whoever calls, places such a grain there.
    /// </param>
    public static ISiloBuilder AddSweepDispatch(this ISiloBuilder silo, SiloRoles roles = SiloRoles.All)
    {
        var services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ISweepProgressSink, NobodyListens>();
        services.TryAddSingleton<IModelFetcher, FoldersOnly>();
        services.AddSingleton<ModelSupply>();
        services.AddMetrics();
        services.AddSingleton<DispatchMetrics>();
        services.AddSingleton<WorkerMetrics>();
        services.AddSingleton(new SiloWorkers(roles));
        services.PostConfigure<GrainTypeOptions>(types => types.Classes.ExceptWith(NotHosted(roles)));
        services.AddPlacementDirector<WorkerSiloPlacement, WorkerSiloPlacementDirector>();
        services.AddOptions<DispatchOptions>().Validate<DispatchOptions>(options => options.Problems()).ValidateOnStart();
        services.AddOptions<BatchPlannerOptions>().Validate<BatchPlannerOptions>(options => options.Problems()).ValidateOnStart();
        services.AddOptions<WorkerOptions>().Validate<WorkerOptions>(options => options.Problems()).ValidateOnStart();
        if (roles.HasFlag(SiloRoles.Worker))
            services.AddHostedService<WorkerService>();
        if (!roles.HasFlag(SiloRoles.Coordinator))
            return silo;
        services.AddHostedService<SweepWatcher>();

        // Its series are there before the first sweep is.
        return silo.AddStartupTask((provider, _) => Task.FromResult(provider.GetRequiredService<DispatchMetrics>()));
    }

    private static Type[] NotHosted(SiloRoles roles) =>
    [
        .. roles.HasFlag(SiloRoles.Coordinator) ? Type.EmptyTypes : [typeof(SchedulerGrain), typeof(SweepCoordinatorGrain), typeof(BrokerGrain)],
        .. roles.HasFlag(SiloRoles.Worker) ? Type.EmptyTypes : [typeof(GpuWorkerGrain), typeof(PlanFilesGrain)],
    ];

    private static OptionsBuilder<TOptions> Validate<TOptions>(this OptionsBuilder<TOptions> builder, Func<TOptions, IEnumerable<string>> problems)
        where TOptions : class
    {
        builder.Services.AddSingleton<IValidateOptions<TOptions>>(new ProblemsValidator<TOptions>(problems));
        return builder;
    }

    private sealed class NobodyListens : ISweepProgressSink
    {
        public void OnProgress(SweepStatus status)
        {
        }
    }

    /// <summary>For silos that run no models of a hub.</summary>
    private sealed class FoldersOnly : IModelFetcher
    {
        public bool AreHere(IReadOnlyList<string> models) => !models.Any(HubModel.IsNamedBy);

        public Task FetchAsync(IReadOnlyList<string> models, CancellationToken cancellationToken) => Task.FromException(new NotSupportedException($"{string.Join(", ", models)}: this silo fetches no models"));
    }

    /// <summary>One failure with every problem that the options name.</summary>
    private sealed class ProblemsValidator<TOptions>(Func<TOptions, IEnumerable<string>> problems) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            problems(options).ToList() is { Count: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }
}
