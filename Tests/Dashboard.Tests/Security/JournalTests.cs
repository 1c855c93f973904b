using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sweep.Dashboard.Tests.Api;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

public sealed class JournalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Journal_AsAFile_IsForAdmins()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        using var viewer = dashboard.Client((await dashboard.TokenAsync(AccessRole.Viewer)).Reveal());
        using var admin = dashboard.Client((await dashboard.TokenAsync(AccessRole.Admin)).Reveal());
        await (await viewer.GetAsync("/api/v1/views/journal.json", Token)).ProblemAsync(HttpStatusCode.Forbidden);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("/journal", Token)).StatusCode);
        Assert.Equal(["token.create", "token.create"], (await admin.JsonAsync("/api/v1/views/journal.json")).AsArray().Select(entry => (string?)entry!["action"]));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/journal", Token)).StatusCode);
    }

    [Fact]
    public async Task Journal_OlderThanIsAskedFor_IsForgottenAtTheStart()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var store = await SqliteSweepStore.OpenAsync(Path.Combine(folder.Path, "sweep.db"), Token, time);
        await store.Access().WriteJournalAsync(TestDashboard.Entry("old"), Token);
        time.Advance(TimeSpan.FromDays(8));
        await store.Access().WriteJournalAsync(TestDashboard.Entry("new"), Token);

        await using var dashboard = await TestDashboard.StartAsync(options => options.JournalDays = 7, time, store);

        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await dashboard.Access.ReadJournalAsync(long.MaxValue, 10, Token)).Count > 1)
            await interval.WaitForNextTickAsync(Token);
        Assert.Equal("new", Assert.Single(await dashboard.Access.ReadJournalAsync(long.MaxValue, 10, Token)).Action);
    }
}
