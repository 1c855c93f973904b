using System.Runtime.CompilerServices;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Watching;

/// <summary>By looking every second.</summary>
internal abstract class PolledSource : ISweepSource
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<SweepStatusReply> WatchAsync(string sweepId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SweepStatusReply? shown = null;
        while (true)
        {
            var status = await LookAsync(sweepId, cancellationToken);
            if (status is not null && status != shown)
                yield return shown = status;
            if (status is { Found: false } || (status is not null && SweepStates.IsFinal(status.State)))
                yield break;
            await Task.Delay(Period, cancellationToken);
        }
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Null: it cannot be seen at the moment.</summary>
    protected abstract Task<SweepStatusReply?> LookAsync(string sweepId, CancellationToken cancellationToken);
}
