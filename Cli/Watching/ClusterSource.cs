using Sweep.Cli.Cluster;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;
using Sweep.Hosting.Messaging;

namespace Sweep.Cli.Watching;

/// <summary>By asking the sweep's coordinator.</summary>
internal sealed class ClusterSource(ClusterSession cluster) : PolledSource
{
    public override ValueTask DisposeAsync() => cluster.DisposeAsync();

    protected override async Task<SweepStatusReply?> LookAsync(string sweepId, CancellationToken cancellationToken)
    {
        try
        {
            return StatusReplies.Of(await cluster.Calls.CallAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(sweepId).GetStatusAsync(), cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Its coordinator is on the way to another silo.
            return null;
        }
    }
}
