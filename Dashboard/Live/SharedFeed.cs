using Microsoft.Extensions.Logging;

namespace Sweep.Dashboard.Live;

/// <summary>
/// One reading for all who look: while anybody does, it is read again after each interval, and those who look are told when it is another one. Nobody looks: nothing is read.
/// </summary>
/// <param name="read">Gives the same object again where nothing has changed.</param>
/// <param name="interval">From the end of one reading to the beginning of the next; a reading that takes long makes pauses longer, so that reading fills no more than a tenth of the time, until they reach ten seconds: a grain that did not answer in time is no reason to look away.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of readings that failed.</param>
internal sealed partial class SharedFeed<T>(Func<T?, CancellationToken, Task<T>> read, TimeSpan interval, TimeProvider time, ILogger logger)
    where T : class
{
    private const int PausePerReading = 9;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private readonly List<Action> _viewers = [];

    /// <summary>One reading at a time: what reads remembers what it has read.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    private CancellationTokenSource? _running;
    private long _readAt;

    /// <summary>Null: it was never read.</summary>
    public T? Current { get; private set; }

    /// <summary>Why the last reading failed; null: it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Looks until disposed.</summary>
    /// <param name="changed">Called on another thread after every change; what to show is in <see cref="Current"/>.</param>
    public IDisposable Look(Action changed)
    {
        lock (_lock)
        {
            _viewers.Add(changed);
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                _ = RunAsync(_running.Token);
            }
        }

        return new Looking(this, changed);
    }

    /// <summary>For those who come once: what is shown to those who look, or was read less than an interval ago, else another reading, which throws what it throws.</summary>
    public async Task<T> ReadAsync(CancellationToken cancellationToken)
    {
        if (Viewers > 0 && Problem is null && Current is { } shown)
            return shown;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Problem is null && Current is { } known && time.GetElapsedTime(_readAt) < interval)
                return known;
            var before = Current;
            Current = await read(before, cancellationToken);
            (Problem, _readAt) = (null, time.GetTimestamp());
            if (!ReferenceEquals(before, Current))
                Tell();
            return Current;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>How many look.</summary>
    internal int Viewers
    {
        get
        {
            lock (_lock)
                return _viewers.Count;
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // Those who begin to look do not wait for the reading.
        await Task.Yield();
        while (!cancellationToken.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            await ReadOnceAsync(cancellationToken);
            var took = time.GetElapsedTime(began);
            var pause = TimeSpan.FromTicks(Math.Clamp((took * PausePerReading).Ticks, interval.Ticks, Math.Max(interval.Ticks, LongestPause.Ticks)));
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var (before, problem) = (Current, Problem);
        try
        {
            Current = await read(before, cancellationToken);
            (Problem, _readAt) = (null, time.GetTimestamp());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            Problem = exception.Message;
            if (problem != Problem)
                LogReadingFailed(exception, typeof(T).Name);
        }
        finally
        {
            _turn.Release();
        }

        if (!ReferenceEquals(before, Current) || problem != Problem)
            Tell();
    }

    private void Tell()
    {
        Action[] viewers;
        lock (_lock)
            viewers = [.. _viewers];
        foreach (var viewer in viewers)
            viewer();
    }

    private void Leave(Action changed)
    {
        lock (_lock)
        {
            _viewers.Remove(changed);
            if (_viewers.Count > 0 || _running is null)
                return;
            _running.Cancel();
            _running.Dispose();
            _running = null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "a reading of {What} for the dashboard failed")]
    private partial void LogReadingFailed(Exception exception, string what);

    private sealed class Looking(SharedFeed<T> feed, Action changed) : IDisposable
    {
        private SharedFeed<T>? _feed = feed;

        public void Dispose() => Interlocked.Exchange(ref _feed, null)?.Leave(changed);
    }
}
