using System.Net;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Sweep.Persistence.Tests.Reports;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Dashboard.Tests.Api;

/// <summary>Sweeps that are listed, looked at and changed.</summary>
public sealed class SweepCallTests
{
    private const string One = "/api/v1/sweeps/" + Rows.SweepId;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Show_Running_HasProgressAndCost()
    {
        await using var dashboard = await RunningAsync();
        using var client = dashboard.Client();
        var view = await client.JsonAsync(One);
        Assert.Equal((Rows.SweepId, "Running", 4, 10), ((string?)view["sweep"]!["id"], (string?)view["sweep"]!["state"], (int)view["progress"]!["rows_done"]!, (int)view["progress"]!["rows_total"]!));
        Assert.True((int)view["cost"]!["rows"]! > 0);
        Assert.Equal("name: small", await client.GetStringAsync($"{One}/plan", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/plan")]
    [InlineData("/results")]
    [InlineData("/cells")]
    [InlineData("/items")]
    [InlineData("/export")]
    [InlineData("/report")]
    [InlineData("/audit")]
    public async Task Read_UnknownSweep_IsAProblem(string part)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        foreach (var id in new[] { "nothing-here", "..%2Fetc", "a%0Ab", "%27%20OR%201=1", new string('x', 500) })
            await (await client.GetAsync($"/api/v1/sweeps/{id}{part}", Token)).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task List_Pages_EndWithTheLastSweep()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        for (var number = 0; number < 5; number++)
            await dashboard.Store.SubmitAsync($"small-{number}", Rows.Plan, "text", Token);
        using var client = dashboard.Client();
        var ids = new List<string?>();
        for (string? next = null; ;)
        {
            var page = await client.JsonAsync($"/api/v1/sweeps?limit=2{(next is null ? "" : $"&after={next}")}");
            ids.AddRange(page["sweeps"]!.AsArray().Select(sweep => (string?)sweep!["id"]));
            if ((next = (string?)page["next"]) is null)
                break;
        }

        Assert.Equal((await dashboard.Store.ListSweepsAsync(Token)).Select(sweep => sweep.Id), ids);
        Assert.Single((await client.JsonAsync("/api/v1/sweeps?search=SMALL-3"))["sweeps"]!.AsArray());
        Assert.Empty((await client.JsonAsync("/api/v1/sweeps?state=Running"))["sweeps"]!.AsArray());
        Assert.Empty((await client.JsonAsync("/api/v1/sweeps?owner=nobody"))["sweeps"]!.AsArray());
    }

    [Theory]
    [InlineData("/api/v1/sweeps?limit=0")]
    [InlineData("/api/v1/sweeps?limit=501")]
    [InlineData("/api/v1/sweeps?limit=many")]
    [InlineData("/api/v1/sweeps?state=Running%20away")]
    [InlineData(One + "/items?after=%00")]
    [InlineData(One + "/items?after=!!!")]
    [InlineData(One + "/items?limit=-1")]
    [InlineData(One + "/export?format=exe")]
    [InlineData(One + "/export?run=perhaps")]
    [InlineData(One + "/report?format=pdf")]
    [InlineData("/api/v1/journal?before=x")]
    public async Task Read_WrongParameter_IsAProblem(string path)
    {
        await using var dashboard = await RunningAsync();
        using var client = dashboard.Client();
        await (await client.GetAsync(path, Token)).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Change_EachState_DoesWhatItSays()
    {
        await using var dashboard = await RunningAsync();
        using var client = dashboard.Client();
        foreach (var (verb, state) in new[] { ("pause", SweepState.Paused), ("resume", SweepState.Running), ("cancel", SweepState.Canceled), ("cancel", SweepState.Canceled) })
        {
            Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync($"{One}/{verb}", null, Token)).StatusCode);
            Assert.Equal(state, (await dashboard.Store.FindSweepAsync(Rows.SweepId, Token))!.State);
        }

        var problem = await (await client.PostAsync($"{One}/resume", null, Token)).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Contains("found it Canceled, expected it Paused", (string?)problem["detail"], StringComparison.Ordinal);
        await (await client.PostAsync("/api/v1/sweeps/none/cancel", null, Token)).ProblemAsync(HttpStatusCode.NotFound);
        var journal = await dashboard.Access.ReadJournalAsync(long.MaxValue, 10, Token);
        Assert.Equal(
            [("sweep.cancel", JournalOutcome.Refused), ("sweep.resume", JournalOutcome.Refused), ("sweep.cancel", JournalOutcome.Done), ("sweep.cancel", JournalOutcome.Done), ("sweep.resume", JournalOutcome.Done), ("sweep.pause", JournalOutcome.Done)],
            journal.Select(entry => (entry.Action, entry.Outcome)));
        Assert.All(journal, entry => Assert.Equal(("loopback", "127.0.0.1"), (entry.Actor, entry.Origin)));
    }

    [Fact]
    public async Task Remove_OnlyAtItsEnd()
    {
        await using var dashboard = await RunningAsync();
        using var client = dashboard.Client();
        await (await client.DeleteAsync(One, Token)).ProblemAsync(HttpStatusCode.Conflict);
        await client.PostAsync($"{One}/cancel", null, Token);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(One, Token)).StatusCode);
        Assert.Empty(await dashboard.Store.ListSweepsAsync(Token));
        await (await client.DeleteAsync(One, Token)).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Change_NoSiloAnswers_IsAProblemThatTheJournalKnows()
    {
        await using var dashboard = await RunningAsync();
        var coordinator = Substitute.For<ISweepCoordinatorGrain>();
        coordinator.CancelAsync().ThrowsAsync(new TimeoutException("no answer"));
        coordinator.GetStatusAsync().ThrowsAsync(new TimeoutException("no answer"));
        dashboard.Coordinators[Rows.SweepId] = coordinator;
        using var client = dashboard.Client();
        await (await client.PostAsync($"{One}/cancel", null, Token)).ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(JournalOutcome.Failed, (await dashboard.Access.ReadJournalAsync(long.MaxValue, 1, Token))[0].Outcome);
        Assert.Null((await client.JsonAsync(One))["progress"]);
    }

    internal static async Task<TestDashboard> RunningAsync()
    {
        var dashboard = await TestDashboard.StartAsync();
        await new RecordedReport().ReadAsync(dashboard.Store, Token);
        await dashboard.Store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Running, null, Token);
        return dashboard;
    }
}
