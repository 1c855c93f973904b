using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Tests.Api;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

public sealed class RateLimitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Api_MoreThanItsShare_WaitsAsLongAsItSays()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var dashboard = await TestDashboard.StartAsync(options => options.CallsPerMinute = 6, time);
        using var client = dashboard.Client();
        for (var call = 0; call < 6; call++)
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/session", Token)).StatusCode);
        var answer = await client.GetAsync("/api/v1/session", Token);
        await answer.ProblemAsync(HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live", Token)).StatusCode);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/session", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await client.GetAsync("/api/v1/session", Token)).StatusCode);
    }

    [Fact]
    public async Task Login_GuessedManyTimes_IsNoLongerListenedTo()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var dashboard = await TestDashboard.StartWithLoginAsync(time, options => options.LoginsPerMinute = 3);
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        using var client = dashboard.Client();
        for (var guess = 0; guess < 3; guess++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await TestDashboard.PostLoginAsync(client, "ada", $"wrong password {guess}")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TestDashboard.PostLoginAsync(client, "ada", TestDashboard.Password)).StatusCode);
        Assert.Equal(3, (await dashboard.Access.ReadJournalAsync(long.MaxValue, 100, Token)).Count(entry => entry is { Action: "login", Outcome: JournalOutcome.Refused }));
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.Found, (await TestDashboard.PostLoginAsync(client, "ada", TestDashboard.Password)).StatusCode);
    }

    [Fact]
    public async Task Login_WrongFiveTimesInARow_IsPausedForThatNetwork()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var dashboard = await TestDashboard.StartWithLoginAsync(time, options => options.LoginsPerMinute = 1000);
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        using var client = dashboard.Client();
        for (var guess = 0; guess < FailedLogins.Free; guess++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await TestDashboard.PostLoginAsync(client, "ada", $"wrong password {guess}")).StatusCode);
        var answer = await TestDashboard.PostLoginAsync(client, "ada", TestDashboard.Password);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromMinutes(1)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Found, (await TestDashboard.PostLoginAsync(client, "ada", TestDashboard.Password)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TestDashboard.PostLoginAsync(client, "ada", "wrong again")).StatusCode);
    }

    [Fact]
    public void Take_ManyKeys_MemoryStaysAsItIs()
    {
        var time = new FakeTimeProvider();
        var budgets = new RequestBudgets(5, time, buckets: 16);
        for (var key = 0; key < 10_000; key++)
            budgets.Take($"address-{key}");
        // Every bucket is empty by now: what shares one gets less, never more.
        Assert.NotNull(budgets.Take("another"));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => budgets.Take("another") is null));
    }
}
