using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;
using Sweep.Contracts.Diagnostics;
using Sweep.Grains.Placement;
using Sweep.Hosting.Settings;

namespace Sweep.Hosting.Telemetry;

/// <summary>Metrics, traces and logs of a silo.</summary>
public static class TelemetryExtensions
{
    /// <summary>Where OpenTelemetry's own exporters look too.</summary>
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>To be called before other services are added: what starts first hears everything.</summary>
    public static TBuilder AddSweepTelemetry<TBuilder>(this TBuilder builder, SweepSiloOptions options)
        where TBuilder : IHostApplicationBuilder
    {
        var sends = !string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpoint]);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("sweep-silo", "sweep", Version, autoGenerateServiceInstanceId: false, serviceInstanceId: options.Name))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter([.. SweepMeters.All, "Microsoft.Orleans", "Npgsql", "System.Runtime"]);
                metrics.AddPrometheusExporter();
                if (sends)
                    metrics.AddOtlpExporter();
            })
            .WithTracing(traces =>
            {
                if (!sends)
                    return;

                // The spans of sweeps, whose parent says that they are wanted, with the calls and statements below them; nothing of idle polling and of probes.
                traces.AddSource(SweepTrace.SourceName, ActivitySources.ApplicationGrainActivitySourceName, "Npgsql");
                traces.SetSampler(new ParentBasedSampler(new AlwaysOffSampler()));
                traces.AddOtlpExporter();
            });
        if (options.HostedRoles.HasFlag(SiloRoles.Coordinator))
            builder.Services.AddSingleton<StoreMetrics>().AddHostedService<OutboxWatch>();
        builder.Logging.ClearProviders();
        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (options.Telemetry.LogFormat == TelemetryOptions.Json)
        {
            builder.Logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat, json.IncludeScopes) = (true, "O", true));
        }
        else
        {
            builder.Logging.AddSimpleConsole(text => (text.SingleLine, text.TimestampFormat, text.UseUtcTimestamp) = (true, "yyyy-MM-dd HH:mm:ss.fff ", true));
        }

        return builder;
    }

    private static string Version => typeof(TelemetryExtensions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
