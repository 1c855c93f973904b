using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sweep.Dashboard.Live;
using Xunit;

namespace Sweep.Dashboard.Tests.Live;

public sealed class SharedFeedTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _read = new(0);
    private int _readings;
    private Func<object?, object> _next = _ => new object();

    [Fact]
    public async Task Look_ManyViewers_OneReadingAnIntervalTellsAll()
    {
        var feed = Feed();
        var told = new CountdownEvent(50);
        var looking = Enumerable.Range(0, 50).Select(_ => feed.Look(() => told.Signal())).ToArray();

        await NextAsync();
        Assert.True(told.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "not all viewers were told of the first reading");
        told.Reset(50);
        await NextAsync();
        Assert.True(told.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "not all viewers were told of the second reading");

        Assert.Equal(2, _readings);
        Array.ForEach(looking, one => one.Dispose());
    }

    [Fact]
    public async Task Look_NothingChanges_NobodyIsTold()
    {
        var (feed, told) = (Feed(), 0);
        _next = before => before ?? new object();
        using var looking = feed.Look(() => Interlocked.Increment(ref told));

        for (var reading = 0; reading < 5; reading++)
            await NextAsync();

        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Look_LastViewerLeaves_NothingIsReadUntilSomebodyComesAgain()
    {
        var feed = Feed();
        var looking = feed.Look(() => { });
        await NextAsync();
        looking.Dispose();
        looking.Dispose();
        var before = _readings;
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(before, _readings);

        using var again = feed.Look(() => { });
        await NextAsync();

        Assert.True(_readings > before);
        Assert.NotNull(feed.Current);
    }

    [Fact]
    public async Task Reading_Fails_LastValueStaysBesideTheProblemUntilItWorksAgain()
    {
        var feed = Feed();
        using var looking = feed.Look(() => { });
        await NextAsync();
        var known = feed.Current;

        _next = _ => throw new InvalidOperationException("the store is away");
        await NextAsync();
        await NextAsync();
        Assert.Equal("the store is away", feed.Problem);
        Assert.Same(known, feed.Current);

        _next = _ => new object();
        await NextAsync();
        await NextAsync();
        Assert.Null(feed.Problem);
        Assert.NotSame(known, feed.Current);
    }

    [Fact]
    public async Task Read_Once_IsAReadingOnlyWhereTheLastOneIsAnIntervalAgo()
    {
        var feed = Feed();
        var first = await feed.ReadAsync(TestContext.Current.CancellationToken);
        _time.Advance(Second / 2);
        Assert.Same(first, await feed.ReadAsync(TestContext.Current.CancellationToken));
        _time.Advance(Second);
        Assert.NotSame(first, await feed.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, _readings);
    }

    [Fact]
    public async Task Read_Once_ThrowsWhatTheReadingThrows()
    {
        var feed = Feed();
        _next = _ => throw new InvalidOperationException("the store is away");
        await Assert.ThrowsAsync<InvalidOperationException>(() => feed.ReadAsync(TestContext.Current.CancellationToken));
        _next = _ => new object();
        Assert.Same(await feed.ReadAsync(TestContext.Current.CancellationToken), feed.Current);
    }

    [Fact]
    public async Task Read_WhileSomebodyLooks_IsWhatTheyAreShown()
    {
        var feed = Feed();
        _next = before => before ?? new object();
        using var looking = feed.Look(() => { });
        await NextAsync();
        await NextAsync();
        var (shown, readings) = (feed.Current, _readings);
        Assert.Same(shown, await feed.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(readings, _readings);
    }

    /// <summary>Until another reading has begun, and the one before it has told its viewers.</summary>
    private async Task NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await _read.WaitAsync(TimeSpan.FromMilliseconds(5), patience.Token))
            _time.Advance(Second);
    }

    private SharedFeed<object> Feed() => new(
        (before, _) =>
        {
            _readings++;
            try
            {
                return Task.FromResult(_next(before));
            }
            finally
            {
                _read.Release();
            }
        },
        Second, _time, NullLogger.Instance);
}
