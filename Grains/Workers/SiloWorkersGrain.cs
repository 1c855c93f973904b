using Sweep.Contracts.Grains;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Workers;

/// <summary>Speaks for all workers of this silo.</summary>
[WorkerSiloPlacement]
internal sealed class SiloWorkersGrain(SiloWorkers workers, ILocalSiloDetails silo) : Grain, ISiloWorkersGrain
{
    public Task<SiloDescription> DescribeAsync() => Task.FromResult(new SiloDescription
    {
        Address = silo.SiloAddress.ToParsableString(),
        Name = silo.Name,
        Roles = [.. new[] { SiloRoles.Coordinator, SiloRoles.Worker }.Where(role => workers.Roles.HasFlag(role)).Select(role => role.ToString().ToLowerInvariant())],
        Workers = [.. workers.All.Select(worker => worker.Describe())],
    });

    public Task DrainAsync()
    {
        foreach (var worker in workers.All)
            worker.Drain();
        return Task.CompletedTask;
    }
}
