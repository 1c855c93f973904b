using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Access;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Api;

/// <summary>The cluster: its workers and what waits for them.</summary>
internal static class ClusterEndpoints
{
    /// <summary>Of sweeps that are not at their end, the oldest.</summary>
    private const int MostSweeps = 50;

    /// <summary>Of all of them together.</summary>
    private const int MostSetAside = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void Map(RouteGroupBuilder api)
    {
        var cluster = api.MapGroup("").WithTags("cluster").RequireAuthorization(AccessPolicies.Viewer);
        cluster.MapGet("/workers", WorkersAsync).WithName("listWorkers").WithSummary("Silos and what their workers do").Produces<SiloDescription[]>().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        cluster.MapGet("/queue", QueueAsync).WithName("getQueue").WithSummary("Messages that wait, batches that wait or were set aside").Produces<QueueView>();
    }

    private static async Task<IResult> WorkersAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        try
        {
            var hosts = await grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true, cancellationToken: cancellationToken).WaitAsync(Patience, cancellationToken);
            var silos = await Task.WhenAll(hosts.Select(host => DescribeAsync(grains, host.SiloAddress.ToParsableString(), cancellationToken)));
            return Results.Ok(silos.OfType<SiloDescription>().OrderBy(silo => silo.Name, StringComparer.Ordinal).ToArray());
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            return ApiProblems.Of(StatusCodes.Status503ServiceUnavailable, "no silo answered; try again");
        }
    }

    /// <summary>Null: it does not answer; the next look shows it, or that it is dead.</summary>
    private static async Task<SiloDescription?> DescribeAsync(IGrainFactory grains, string address, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<ISiloWorkersGrain>(address).DescribeAsync().WaitAsync(Patience, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or GrainCallFailedException)
        {
            return null;
        }
    }

    private static async Task<IResult> QueueAsync(ISweepStore store, IGrainFactory grains, CancellationToken cancellationToken)
    {
        var messages = await store.ReadOutboxBacklogAsync(cancellationToken);
        string[] ids = [.. (await store.ListUnfinishedAsync(cancellationToken)).Take(MostSweeps)];
        var counts = await store.Queries().CountBatchesAsync(ids, cancellationToken);
        var aside = (await store.Queries().ListSetAsideAsync(ids, MostSetAside, cancellationToken)).ToLookup(batch => batch.Id[..batch.Id.LastIndexOf('/')], StringComparer.Ordinal);
        var sweeps = new List<QueuedSweep>();
        foreach (var id in ids)
        {
            if (await store.FindSweepAsync(id, cancellationToken) is not { } sweep)
                continue;
            var found = counts.GetValueOrDefault(id);
            sweeps.Add(new QueuedSweep { Sweep = SweepView.Of(sweep), BatchesPending = found?.Pending ?? 0, BatchesLeased = found?.Leased ?? 0, SetAside = [.. aside[id]] });
        }

        return Results.Ok(new QueueView { Messages = messages.Count, OldestMessageSeconds = messages.OldestAge?.TotalSeconds, Broker = await new BrokerReader(grains).ReadAsync(null, cancellationToken), Rejected = await store.Access().ListRefusedAsync(JournalEntry.Submit, Paging.Usual, cancellationToken), Sweeps = sweeps });
    }
}
