namespace Sweep.Dashboard.Live;

/// <summary>One page's look at a feed.</summary>
/// <param name="redraw">Draws the page again, on its own turn.</param>
internal sealed class LiveView<T>(Func<Task> redraw) : IDisposable
    where T : class
{
    private SharedFeed<T>? _feed;
    private IDisposable? _looking;

    public T? Value => _feed?.Current;

    public string? Problem => _feed?.Problem;

    public void Watch(SharedFeed<T> feed)
    {
        if (ReferenceEquals(_feed, feed))
            return;
        _looking?.Dispose();
        _feed = feed;
        _looking = feed.Look(() => _ = redraw());
    }

    public void Dispose() => _looking?.Dispose();
}
