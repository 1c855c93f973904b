using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Sweep.Grains;

namespace Sweep.Hosting;

/// <summary>A silo of Sweep in this process: grains, workers and their options.</summary>
public static class SweepSiloExtensions
{
    /// <summary>
    /// Adds a silo that is a cluster by itself. Settings come from the sections Sweep:Silo, Sweep:Dispatch, Sweep:Planner and Sweep:Worker, then from <paramref name="configure"/>.
    /// The caller registers ISweepStore, IJobRunnerFactory, IPlanResolver and ISweepSummarizer.
    /// </summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static TBuilder AddSweepSilo<TBuilder>(this TBuilder builder, Action<SweepSiloOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        var options = Read(builder.Configuration, configure);

        builder.Logging.AddFilter("Orleans", options.OrleansLogLevel);
        builder.Logging.AddFilter("Microsoft.Orleans", options.OrleansLogLevel);
        builder.Logging.AddFilter("Polly", options.OrleansLogLevel);
        builder.UseOrleans(silo => silo.UseSweepSilo(options));
        return builder;
    }

    /// <summary>The same on a silo builder, with options that are valid.</summary>
    public static ISiloBuilder UseSweepSilo(this ISiloBuilder silo, SweepSiloOptions options)
    {
        var (siloPort, gatewayPort) = Ports(options);
        silo.UseLocalhostClustering(siloPort, gatewayPort, serviceId: "sweep", clusterId: "sweep-embedded");
        // Everybody is in this process: a call that takes longer waits for nobody's recovery.
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(30));
        silo.Services.AddSingleton(Options.Create(options.Dispatch));
        silo.Services.AddSingleton(Options.Create(options.Planner));
        silo.Services.AddSingleton(Options.Create(options.Worker));
        return silo.AddSweepDispatch();
    }

    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    internal static SweepSiloOptions Read(IConfiguration configuration, Action<SweepSiloOptions>? configure = null)
    {
        var options = new SweepSiloOptions();
        try
        {
            var section = configuration.GetSection("Sweep");
            section.GetSection("Silo").Bind(options);
            section.GetSection("Dispatch").Bind(options.Dispatch);
            section.GetSection("Planner").Bind(options.Planner);
            // A configured list replaces the default one; the binder would add to it.
            if (section.GetSection("Worker:Devices").GetChildren().Any())
                options.Worker.Devices = [];
            section.GetSection("Worker").Bind(options.Worker);
        }
        catch (InvalidOperationException exception)
        {
            // "Failed to convert configuration value 'x' at 'Sweep:Planner:MinimumRows' to type 'System.Int32'."
            throw Refused(exception.Message.Split(" to type ")[0] + ", expected a number");
        }

        configure?.Invoke(options);
        string[] problems = [.. options.Problems(), .. options.Dispatch.Problems(), .. options.Planner.Problems(), .. options.Worker.Problems()];
        return problems.Length == 0 ? options : throw Refused(problems);

        static OptionsValidationException Refused(params string[] problems) => new(nameof(SweepSiloOptions), typeof(SweepSiloOptions), problems);
    }

    /// <summary>Both ports are held until both are known, so that they differ.</summary>
    private static (int Silo, int Gateway) Ports(SweepSiloOptions options)
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (Choose(options.SiloPort, first), Choose(options.GatewayPort, second));

        static int Choose(int wanted, TcpListener free) => wanted != 0 ? wanted : ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
