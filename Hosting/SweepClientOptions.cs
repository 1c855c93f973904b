using Sweep.Persistence.Postgres;

namespace Sweep.Hosting;

/// <summary>Sweep:Client, with what is the same for silos: Sweep:Silo:Clustering, ClusterId, ServiceId, GatewayPort and Sweep:Store:ConnectionString.</summary>
public sealed class SweepClientOptions
{
    /// <summary>As of the silos. Default: postgres where a connection string is configured, else localhost.</summary>
    public string Clustering { get; set; } = "";

    /// <summary>As of the silos. Default: sweep.</summary>
    public string ClusterId { get; set; } = "sweep";

    /// <summary>As of the silos. Default: sweep.</summary>
    public string ServiceId { get; set; } = "sweep";

    /// <summary>With localhost clustering, the silo's port for clients. Default: 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>With postgres clustering, the database. Default: none.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>How long to try to reach a silo before giving up, seconds. Default: 15.</summary>
    public double ConnectSeconds { get; set; } = 15;

    /// <summary>How long a call waits for its answer, seconds. Default: 5.</summary>
    public double ResponseTimeoutSeconds { get; set; } = 5;

    internal IEnumerable<string> Problems()
    {
        if (Clustering is not (SweepSiloOptions.Localhost or SweepSiloOptions.Postgres))
            yield return $"{SweepSiloOptions.Key}:{nameof(Clustering)} is '{Clustering}', expected {SweepSiloOptions.Localhost} or {SweepSiloOptions.Postgres}";
        if (Clustering == SweepSiloOptions.Localhost && GatewayPort is < 1 or > 65535)
            yield return $"{SweepSiloOptions.Key}:{nameof(GatewayPort)} is {GatewayPort}, expected 1 to 65535";
        if (Clustering == SweepSiloOptions.Postgres)
        {
            foreach (var problem in new PostgresStoreOptions { ConnectionString = ConnectionString ?? "" }.Problems())
                yield return problem;
        }

        foreach (var (name, seconds) in new[] { (nameof(ConnectSeconds), ConnectSeconds), (nameof(ResponseTimeoutSeconds), ResponseTimeoutSeconds) })
        {
            if (!(seconds is > 0 and <= 600))
                yield return $"Sweep:Client:{name} is {seconds}, expected above 0, at most 600";
        }
    }
}
