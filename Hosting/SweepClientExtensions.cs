using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Sweep.Hosting.Clustering;
using Sweep.Persistence.Postgres;

namespace Sweep.Hosting;

/// <summary>A client of a cluster: for the command line and for dashboards.</summary>
public static class SweepClientExtensions
{
    /// <summary>Adds a client with the cluster's settings, then those of <paramref name="configure"/>. The host's start connects it, or fails after ConnectSeconds.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static TBuilder AddSweepClient<TBuilder>(this TBuilder builder, Action<SweepClientOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        var options = Read(builder.Configuration);
        configure?.Invoke(options);
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
            throw new OptionsValidationException(nameof(SweepClientOptions), typeof(SweepClientOptions), problems);

        builder.UseOrleansClient(client =>
        {
            client.UseSweepClustering(options);
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(options.ResponseTimeoutSeconds));
            client.AddActivityPropagation();
            client.UseConnectionRetryFilter(new ConnectionPatience(TimeProvider.System, TimeSpan.FromSeconds(options.ConnectSeconds)));
        });
        builder.Services.AddSingleton<PatientCalls>();
        return builder;
    }

    private static SweepClientOptions Read(IConfiguration configuration)
    {
        var options = new SweepClientOptions();
        configuration.GetSection(SweepSiloOptions.Key).Bind(options);
        configuration.GetSection("Sweep:Client").Bind(options);
        options.ConnectionString ??= configuration[$"{PostgresStoreOptions.Section}:{nameof(PostgresStoreOptions.ConnectionString)}"];
        if (options.Clustering.Length == 0)
            options.Clustering = string.IsNullOrWhiteSpace(options.ConnectionString) ? SweepSiloOptions.Localhost : SweepSiloOptions.Postgres;
        return options;
    }
}
