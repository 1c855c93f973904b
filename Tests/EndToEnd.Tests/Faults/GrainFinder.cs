using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sweep.Hosting;
using Sweep.Hosting.Clustering.Local;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>A connected client of the silos, which knows where a grain is active.</summary>
internal sealed class GrainFinder(IHost client) : IAsyncDisposable
{
    public static async Task<GrainFinder> OpenAsync(IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddSweepClient();
        var client = builder.Build();
        await client.StartAsync(cancellationToken);
        return new GrainFinder(client);
    }

    /// <summary>The one of these silos where the grain is active now.</summary>
    public async Task<LocalSilo> FindAsync(Func<IGrainFactory, IAddressable> grain, IReadOnlyList<LocalSilo> silos)
    {
        var grains = client.Services.GetRequiredService<IGrainFactory>();
        var address = await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain(grains));
        return silos.Single(silo => address is not null && silo.Owns($"{address.ToParsableString()}/"));
    }

    public async ValueTask DisposeAsync()
    {
        await client.StopAsync();
        client.Dispose();
    }
}
