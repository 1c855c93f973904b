using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Dashboard;

namespace Sweep.Hosting.Operations;

/// <summary>What operators and their machines ask a silo: probes, metrics, and Orleans' dashboard.</summary>
public static class OperationsExtensions
{
    private const string Ready = "ready";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Adds the HTTP port and what the probes check.</summary>
    public static WebApplicationBuilder AddSweepOperations(this WebApplicationBuilder builder, SweepSiloOptions options)
    {
        // The port is ours to choose: what containers set for web applications would listen on every address.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "").UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.HttpsPortsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Network.Listening, options.Network.HttpPort);
        });
        builder.Services.AddHealthChecks()
            .AddCheck<SiloHealthCheck>("silo", tags: [Ready])
            .AddCheck<StoreHealthCheck>("store", failureStatus: null, tags: [Ready], timeout: Patience);
        return builder;
    }

    /// <summary>/health/live: the process answers. /health/ready: it is a member of its cluster and reaches its store. /metrics: in Prometheus' format.</summary>
    public static WebApplication MapSweepOperations(this WebApplication app, SweepSiloOptions options)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = HealthAnswer.WriteAsync });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready), ResponseWriter = HealthAnswer.WriteAsync });
        app.MapPrometheusScrapingEndpoint("/metrics");
        if (!options.OrleansDashboard.Enabled)
            return app;
        var dashboard = app.MapOrleansDashboard("/orleans");
        if (options.OrleansDashboard.Token is { Length: > 0 } token)
            dashboard.AddEndpointFilter(new DashboardToken(token));
        return app;
    }
}
