using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Execution;
using Sweep.Dashboard;
using Sweep.Dashboard.Live;
using Sweep.Hosting;

namespace Sweep.Cli.Dashboards;

/// <summary>The dashboard beside an embedded system: an application of its own in this process, over the same store and grains, on the loopback address only.</summary>
internal sealed class EmbeddedDashboard : IAsyncDisposable
{
    private readonly WebApplication _application;

    private EmbeddedDashboard(WebApplication application, Uri address) => (_application, Address) = (application, address);

    public Uri Address { get; }

    /// <param name="embedded">What it shows.</param>
    /// <param name="scope">Which sweeps run here.</param>
    /// <param name="port">Null: the usual one, or a free one where that is taken.</param>
    /// <exception cref="WrongInputException">The port that was asked for is taken.</exception>
    public static async Task<EmbeddedDashboard> StartAsync(EmbeddedSweep embedded, LiveScope scope, int? port)
    {
        var options = new SweepDashboardOptions { TemplatesFolder = ShippedPlans.Folder };
        // Who may come in is the same setting as that of a cluster's dashboard; where it listens is not.
        new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection(SweepDashboardOptions.Section).Bind(options);
        options.Address = IPAddress.Loopback.ToString();
        options.Port = port ?? options.Port;
        try
        {
            return await ListenAsync(embedded, scope, options);
        }
        catch (IOException exception) when (IsTaken(exception) && port is null)
        {
            options.Port = 0;
            return await ListenAsync(embedded, scope, options);
        }
        catch (IOException exception) when (IsTaken(exception))
        {
            throw new WrongInputException($"--port: found {port} taken by another program, expected a free one (0 takes any)");
        }
    }

    /// <summary>Until Ctrl-C or SIGTERM.</summary>
    public async Task StayAsync(CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"sweep: the dashboard stays at {Address} until Ctrl-C");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        // Pages that are open would keep their connections for the usual half a minute.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    private static async Task<EmbeddedDashboard> ListenAsync(EmbeddedSweep embedded, LiveScope scope, SweepDashboardOptions options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(embedded.Services.GetRequiredService<ILoggerFactory>());
        builder.Services.AddSingleton<IHostLifetime, Company>();
        builder.Services.AddSingleton(scope);
        builder.Services.AddSingleton(_ => embedded.Store);
        builder.Services.AddSingleton(_ => embedded.Services.GetRequiredService<IGrainFactory>());
        builder.Services.AddSingleton(_ => embedded.Services.GetRequiredService<IPlanEstimator>());
        builder.Services.AddSingleton(_ => embedded.Services.GetRequiredService<IItemTexts>());
        builder.AddSweepDashboard(options);
        var application = builder.Build();
        try
        {
            application.MapSweepDashboard();
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new EmbeddedDashboard(application, new Uri(addresses.First()));
    }

    private static bool IsTaken(IOException exception) =>
        exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || exception.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException;

    /// <summary>Signals are the command's: it stops the dashboard after the sweep.</summary>
    private sealed class Company : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
