using System.Runtime.CompilerServices;
using Sweep.Cli.Queue;
using Sweep.Contracts.Messages;

namespace Sweep.Cli.Watching;

/// <summary>By the broker's events.</summary>
internal sealed class QueueSource(QueueSession queue, TimeSpan patience) : ISweepSource
{
    public async IAsyncEnumerable<SweepStatusReply> WatchAsync(string sweepId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var statuses = queue.Client.WatchAsync(sweepId, patience, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(statuses))
            yield return statuses.Current;
    }

    public ValueTask DisposeAsync() => queue.DisposeAsync();

    private async Task<bool> NextAsync(IAsyncEnumerator<SweepStatusReply> statuses)
    {
        try
        {
            return await statuses.MoveNextAsync();
        }
        catch (TimeoutException exception)
        {
            throw new WrongInputException($"RabbitMQ at {queue.Broker}: {exception.Message}, expected a broker and a silo on it");
        }
    }
}
