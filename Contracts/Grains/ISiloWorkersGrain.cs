namespace Sweep.Contracts.Grains;

/// <summary>A silo's address in the cluster (key: silo address with generation), placed on that silo: what works there, drain all of it.</summary>
[Alias("sweep.ISiloWorkersGrain")]
public interface ISiloWorkersGrain : IGrainWithStringKey
{
    [Alias("Describe")]
    Task<SiloDescription> DescribeAsync();

    /// <summary>No new lease for any worker of the silo; running micro-batches end, batches are given back.</summary>
    [Alias("Drain")]
    Task DrainAsync();
}

/// <summary>A silo with its workers.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.SiloDescription")]
public sealed record SiloDescription
{
    /// <summary>Address with generation, for instance "127.0.0.1:11111@123".</summary>
    [Id(0)]
    public required string Address { get; init; }

    [Id(1)]
    public required string Name { get; init; }

    /// <summary>"coordinator", "worker".</summary>
    [Id(2)]
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>In the order of their devices.</summary>
    [Id(3)]
    public required IReadOnlyList<WorkerStatus> Workers { get; init; }
}
