using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Grains;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Placement;
using Sweep.Grains.Watching;
using Sweep.Grains.Workers;

namespace Sweep.Grains;

/// <summary>Grains and workers of a silo. The caller registers the store, the runner factory, the resolver and the summarizer.</summary>
public static class SweepDispatchExtensions
{
    public static ISiloBuilder AddSweepDispatch(this ISiloBuilder silo)
    {
        var services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ISweepProgressSink, NobodyListens>();
        services.AddPlacementDirector<WorkerSiloPlacement, WorkerSiloPlacementDirector>();
        services.AddOptions<DispatchOptions>().Validate<DispatchOptions>(options => options.Problems()).ValidateOnStart();
        services.AddOptions<BatchPlannerOptions>().Validate<BatchPlannerOptions>(options => options.Problems()).ValidateOnStart();
        services.AddOptions<WorkerOptions>().Validate<WorkerOptions>(options => options.Problems()).ValidateOnStart();
        services.AddSingleton<WorkerService>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerService>());
        services.AddHostedService<SweepWatcher>();
        return silo;
    }

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

    /// <summary>One failure with every problem that the options name.</summary>
    private sealed class ProblemsValidator<TOptions>(Func<TOptions, IEnumerable<string>> problems) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            problems(options).ToList() is { Count: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }
}
