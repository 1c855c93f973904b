namespace Sweep.Hosting.Clustering;

/// <summary>Tries to reach a first silo again and again, for a bounded time.</summary>
internal sealed class ConnectionPatience(TimeProvider time, TimeSpan bound) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly long _start = time.GetTimestamp();

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_start) + Pause > bound)
            return false;
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }
}
