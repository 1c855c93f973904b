using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
using Sweep.Grains;
using Sweep.Grains.Placement;
using Sweep.Hosting.Clustering;

namespace Sweep.Hosting;

/// <summary>A silo of Sweep in this process: grains, workers and their options.</summary>
public static class SweepSiloExtensions
{
    /// <summary>How long a stopping process may take for what comes after its workers have drained: reports, the membership table, connections.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds a silo with the settings of the sections under Sweep, then of <paramref name="configure"/>. The caller registers ISweepStore and, for workers, IJobRunnerFactory,
    /// IPlanResolver and ISweepSummarizer.
    /// </summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static TBuilder AddSweepSilo<TBuilder>(this TBuilder builder, Action<SweepSiloOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder => builder.AddSweepSilo(SweepSiloOptions.Read(builder.Configuration, configure));

    /// <summary>Adds a silo with settings that were read.</summary>
    public static TBuilder AddSweepSilo<TBuilder>(this TBuilder builder, SweepSiloOptions options)
        where TBuilder : IHostApplicationBuilder
    {
        foreach (var category in new[] { "Orleans", "Microsoft.Orleans", "Polly" })
            builder.Logging.AddFilter(category, options.OrleansLogLevel);
        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = Goodbye + (options.HostedRoles.HasFlag(SiloRoles.Worker) ? TimeSpan.FromSeconds(options.Worker.DrainSeconds) : TimeSpan.Zero));
        builder.UseOrleans(silo => silo.UseSweepSilo(options));
        return builder;
    }

    private static void UseSweepSilo(this ISiloBuilder silo, SweepSiloOptions options)
    {
        silo.UseSweepClustering(options, SiloPorts.Choose(options));
        silo.Configure<SiloOptions>(named => named.SiloName = options.Name);
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.ResponseTimeout);
        silo.AddIncomingGrainCallFilter<GrainBorder>();
        silo.AddActivityPropagation();
        silo.Services.AddSingleton(Options.Create(options.Dispatch));
        silo.Services.AddSingleton(Options.Create(options.Planner));
        silo.Services.AddSingleton(Options.Create(options.Worker));
        silo.AddSweepDispatch(options.HostedRoles);
        if (options.OrleansDashboard.Enabled)
            silo.AddDashboard();
        else
            silo.Services.PostConfigure<GrainTypeOptions>(types => types.Classes.RemoveWhere(type => type.Assembly == typeof(DashboardOptions).Assembly));
    }
}
