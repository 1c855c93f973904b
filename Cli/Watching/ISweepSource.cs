using Sweep.Contracts.Messages;

namespace Sweep.Cli.Watching;

/// <summary>Where a sweep can be watched.</summary>
internal interface ISweepSource : IAsyncDisposable
{
    /// <summary>The sweep's status now and whenever it changes, until it has ended.</summary>
    IAsyncEnumerable<SweepStatusReply> WatchAsync(string sweepId, CancellationToken cancellationToken);
}
