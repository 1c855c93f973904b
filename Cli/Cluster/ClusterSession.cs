using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Grains;
using Sweep.Hosting;
using Sweep.Hosting.Clustering;

namespace Sweep.Cli.Cluster;

/// <summary>A connection to a running cluster, with the cluster's settings from the environment (Sweep__Silo__..., Sweep__Store__ConnectionString).</summary>
internal sealed class ClusterSession : IAsyncDisposable
{
    private readonly IHost _host;

    private ClusterSession(IHost host) => _host = host;

    public PatientCalls Calls => _host.Services.GetRequiredService<PatientCalls>();

    public static async Task<ClusterSession> ConnectAsync(CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddEnvironmentVariables();
        var cluster = "";
        try
        {
            builder.AddSweepClient(options => cluster = $"cluster {options.ClusterId}, {(options.Clustering == "localhost" ? $"127.0.0.1:{options.GatewayPort}" : "found through its database")}");
        }
        catch (OptionsValidationException exception)
        {
            throw new WrongInputException(string.Join('\n', exception.Failures));
        }

        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            return new ClusterSession(host);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            host.Dispose();
            throw new WrongInputException($"no silo answered ({cluster}): {exception.GetBaseException().Message.TrimEnd('.')}. Expected a running silo; its settings come from the environment, Sweep__Silo__GatewayPort or Sweep__Store__ConnectionString.");
        }
    }

    /// <summary>The active silos, by name. A silo that does not answer is left out: the next look shows it, or that it is dead.</summary>
    public async Task<IReadOnlyList<SiloDescription>> DescribeSilosAsync(CancellationToken cancellationToken)
    {
        var hosts = await Calls.CallAsync(grains => grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true), cancellationToken);
        var silos = await Task.WhenAll(hosts.Select(host => DescribeAsync(host.SiloAddress.ToParsableString(), cancellationToken)));
        return [.. silos.OfType<SiloDescription>().OrderBy(silo => silo.Name, StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task<SiloDescription?> DescribeAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            return await Calls.CallAsync(grains => grains.GetGrain<ISiloWorkersGrain>(address).DescribeAsync(), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return null;
        }
    }
}
