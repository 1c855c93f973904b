using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;

namespace Sweep.Hosting.Clustering;

/// <summary>How silos find each other, and where Orleans keeps what it keeps.</summary>
internal static class ClusteringExtensions
{
    private const string Invariant = "Npgsql";

    public static ISiloBuilder UseSweepClustering(this ISiloBuilder silo, SweepSiloOptions options, SiloPorts ports)
    {
        if (options.Clustering == SweepSiloOptions.Localhost)
            return silo.UseLocalhostClustering(ports.Silo, ports.Gateway, serviceId: options.ServiceId, clusterId: options.ClusterId);

        var connectionString = Connections(options.Store.Postgres.ConnectionString);
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
        silo.ConfigureEndpoints(options.Network.Advertised, ports.Silo, ports.Gateway, listenOnAnyHostAddress: options.Network.Internal);
        silo.Configure<ClusterMembershipOptions>(MembershipProfile.Find(options.Membership)!.Apply);
        silo.UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = (Invariant, connectionString));
        silo.UseAdoNetReminderService(table => (table.Invariant, table.ConnectionString) = (Invariant, connectionString));
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<OrleansGrainStorageSerializer>((table, serializer) =>
        {
            (table.Invariant, table.ConnectionString) = (Invariant, connectionString);

            // Fields by number and types by alias, as on the wire. The default, JSON with $type, would tie rows to the names of classes.
            table.GrainStorageSerializer = serializer;
        }));
        silo.Services.AddSingleton<OrleansGrainStorageSerializer>();
        if (options.IsOnKubernetes)
            silo.UseKubernetesHosting();
        return silo;
    }

    public static IClientBuilder UseSweepClustering(this IClientBuilder client, SweepClientOptions options)
    {
        client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));

        // A cluster may have been restarted on other addresses.
        client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
        return options.Clustering == SweepSiloOptions.Localhost
            ? client.UseLocalhostClustering(options.GatewayPort, options.ServiceId, options.ClusterId)
            : client.UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = (Invariant, Connections(options.ConnectionString!)));
    }

    /// <summary>Orleans' own connections: a few, by a name of their own, unless the string says otherwise.</summary>
    private static string Connections(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        return new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = given.ApplicationName ?? "sweep-orleans",
            MaxPoolSize = given.ContainsKey("Maximum Pool Size") ? given.MaxPoolSize : 8,
        }.ConnectionString;
    }
}
