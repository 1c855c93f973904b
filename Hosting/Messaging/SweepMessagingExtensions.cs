using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Grains.Placement;
using Sweep.Hosting.Messaging.Consumers;
using Sweep.Hosting.Messaging.Outbox;
using Sweep.Hosting.Messaging.Progress;
using Sweep.Hosting.Messaging.Templates;

namespace Sweep.Hosting.Messaging;

/// <summary>Commands and events by messages in this process.</summary>
public static class SweepMessagingExtensions
{
    /// <summary>
    /// Adds the commands' consumers, the outbox relay and the progress of sweeps, as the section Sweep:Messaging says; nothing for transport none. To be called after AddSweepSilo, with
    /// a store that was opened with <see cref="SweepEventsOf"/>. A broker that is away delays nothing: the silo starts and works.
    /// </summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static TBuilder AddSweepMessaging<TBuilder>(this TBuilder builder, Action<MessagingOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        var options = Valid(builder.Configuration, configure);
        if (!options.IsEnabled)
            return builder;
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(Options.Create(options));
        services.AddSingleton<Coordinators>();
        services.AddSingleton<Submissions>();
        services.AddSingleton<StateChanges>();
        services.AddSingleton<TemplateFolder>();
        if (options.Transport == MessagingOptions.RabbitMq)
            services.AddSingleton<IBrokerInspection, RabbitMqInspection>();
        else
            services.AddSingleton<IBrokerInspection, MemoryInspection>();
        services.AddSweepBus(builder.Logging, options, bus =>
        {
            bus.AddConsumer<SubmitSweepConsumer, SubmitSweepDefinition>();
            bus.AddConsumer<RunExperimentConsumer, RunExperimentDefinition>();
            bus.AddConsumer<CancelSweepConsumer, CancelSweepDefinition>();
            bus.AddConsumer<PauseSweepConsumer, PauseSweepDefinition>();
            bus.AddConsumer<ResumeSweepConsumer, ResumeSweepDefinition>();
            bus.AddConsumer<GetSweepStatusConsumer, GetSweepStatusDefinition>();
        });
        services.AddHostedService<OutboxRelay>();
        services.AddSingleton<ProgressPublisher>();
        services.Replace(ServiceDescriptor.Singleton<ISweepProgressSink>(provider => provider.GetRequiredService<ProgressPublisher>()));
        services.AddHostedService(provider => provider.GetRequiredService<ProgressPublisher>());
        return builder;
    }

    /// <summary>The same for a silo: commands are for the silos where coordinators live. The others only write events into the store.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static TBuilder AddSweepMessaging<TBuilder>(this TBuilder builder, SweepSiloOptions silo)
        where TBuilder : IHostApplicationBuilder
    {
        if (silo.HostedRoles.HasFlag(SiloRoles.Coordinator))
            return builder.AddSweepMessaging();
        Valid(builder.Configuration, configure: null);
        return builder;
    }

    /// <summary>What a store is to be opened with: events where messages are on, else null, because nobody would ever send them.</summary>
    public static ISweepEvents? SweepEventsOf(IConfiguration configuration) => MessagingOptions.Read(configuration).IsEnabled ? new SweepEvents(TimeProvider.System) : null;

    /// <summary>A bus with our names, without usage telemetry, that starts with or without its broker and never makes a silo unready.</summary>
    internal static IServiceCollection AddSweepBus(this IServiceCollection services, ILoggingBuilder logging, MessagingOptions options, Action<IBusRegistrationConfigurator> configure)
    {
        // A broker that is away is reported by each of its parts at every try.
        logging.AddFilter("MassTransit", LogLevel.Warning);
        services.AddMassTransit(bus =>
        {
            bus.ConfigureUsageTelemetryOptions(telemetry => telemetry.Enabled = false);
            bus.ConfigureHealthCheckOptions(health => health.MinimalFailureStatus = HealthStatus.Degraded);
            configure(bus);
            if (options.Transport == MessagingOptions.RabbitMq)
            {
                bus.UsingRabbitMq((context, factory) =>
                {
                    factory.Host(options);
                    factory.MessageTopology.SetEntityNameFormatter(new EntityNames(factory.MessageTopology.EntityNameFormatter));
                    factory.ConfigureEndpoints(context);
                });
            }
            else
            {
                bus.UsingInMemory((context, factory) =>
                {
                    factory.MessageTopology.SetEntityNameFormatter(new EntityNames(factory.MessageTopology.EntityNameFormatter));
                    factory.ConfigureEndpoints(context);
                });
            }
        });
        return services;
    }

    internal static MessagingOptions Valid(IConfiguration configuration, Action<MessagingOptions>? configure)
    {
        var options = MessagingOptions.Read(configuration);
        configure?.Invoke(options);
        var problems = options.Problems().ToArray();
        return problems.Length == 0 ? options : throw new OptionsValidationException(nameof(MessagingOptions), typeof(MessagingOptions), problems);
    }
}
