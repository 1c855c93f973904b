using System.Net;
using Sweep.Dashboard.Tests.Api;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

/// <summary>Requests that a page elsewhere makes a browser send.</summary>
public sealed class ForgeryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Api_CookieWithoutAntiforgery_ChangesNothing()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        using var client = await dashboard.LogInAsync("ada");
        await (await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid), Token)).ProblemAsync(HttpStatusCode.Forbidden);
        Assert.Empty(await dashboard.Store.ListSweepsAsync(Token));

        var session = await client.JsonAsync("/api/v1/session");
        using var honest = ApiCalls.Plan(PlanTexts.Valid);
        honest.Headers.Add((string)session["antiforgery_header"]!, (string)session["antiforgery_token"]!);
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(honest, Token)).StatusCode);
        Assert.Equal("user:ada", (await dashboard.Access.ReadJournalAsync(long.MaxValue, 1, Token))[0].Actor);
    }

    /// <summary>Also by whoever may do everything, and also a call that is added tomorrow.</summary>
    [Fact]
    public async Task Api_EveryChangeByCookieAlone_IsRefused()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        using var client = await dashboard.LogInAsync("ada");
        var asked = 0;
        foreach (var endpoint in RoleMatrixTests.Endpoints(dashboard).Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal)))
        {
            foreach (var method in RoleMatrixTests.Methods(endpoint).Where(method => method is not ("GET" or "HEAD")))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), RoleMatrixTests.Path(endpoint)) { Content = ApiCalls.Plan(PlanTexts.Valid).Content };
                var answer = await client.SendAsync(request, Token);
                Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{method} {request.RequestUri}: found {answer.StatusCode}");
                await answer.ProblemAsync(HttpStatusCode.Forbidden);
                asked++;
            }
        }

        Assert.True(asked >= 6, $"asked only {asked} times");
        Assert.Equal(["login"], (await dashboard.Access.ReadJournalAsync(long.MaxValue, 20, Token)).Where(entry => entry.Actor == "user:ada").Select(entry => entry.Action));
    }

    [Fact]
    public async Task Api_AntiforgeryOfAnotherUser_IsRefused()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        await dashboard.AddUserAsync("eve", AccessRole.Operator);
        using var ada = await dashboard.LogInAsync("ada");
        using var eve = await dashboard.LogInAsync("eve");
        await ada.JsonAsync("/api/v1/session");
        using var forged = ApiCalls.Plan(PlanTexts.Valid);
        forged.Headers.Add("X-CSRF-Token", (string)(await eve.JsonAsync("/api/v1/session"))["antiforgery_token"]!);
        await (await ada.SendAsync(forged, Token)).ProblemAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Logout_WithoutItsToken_IsRefused()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Viewer);
        using var client = await dashboard.LogInAsync("ada");
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("/logout", new FormUrlEncodedContent([]), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
    }

    /// <summary>Without a login everything comes as this machine's user: what a page elsewhere asks for must not.</summary>
    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Loopback_ForeignOrigin_ChangesNothing(string header, string value)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        using var submit = ApiCalls.Plan(PlanTexts.Valid);
        submit.Headers.Add(header, value);
        await (await client.SendAsync(submit, Token)).ProblemAsync(HttpStatusCode.Forbidden);
        using var circuit = new HttpRequestMessage(HttpMethod.Get, "/_blazor?id=x");
        circuit.Headers.Add(header, value);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(circuit, Token)).StatusCode);
        Assert.Empty(await dashboard.Store.ListSweepsAsync(Token));
    }

    [Fact]
    public async Task Loopback_OwnOrigin_MayChange()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        using var submit = ApiCalls.Plan(PlanTexts.Valid);
        submit.Headers.Add("Origin", dashboard.Address.GetLeftPart(UriPartial.Authority));
        submit.Headers.Add("Sec-Fetch-Site", "same-origin");
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(submit, Token)).StatusCode);
    }

    /// <summary>A name of somebody else's that leads to this machine would make their page one of ours.</summary>
    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("10.0.0.1")]
    public async Task Loopback_ForeignName_IsRefused(string host)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        client.DefaultRequestHeaders.Host = host;
        await (await client.GetAsync("/api/v1/sweeps", Token)).ProblemAsync(HttpStatusCode.MisdirectedRequest);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.GetAsync("/", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live", Token)).StatusCode);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task Loopback_OwnNames_AreAnswered(string host)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        client.DefaultRequestHeaders.Host = $"{host}:{dashboard.Address.Port}";
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
    }
}
