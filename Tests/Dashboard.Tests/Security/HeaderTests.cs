using System.Net;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Tests.Api;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

public sealed class HeaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/_content/MudBlazor/MudBlazor.min.css", HttpStatusCode.OK)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/sweeps", HttpStatusCode.OK)]
    [InlineData("/api/v1/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/sweeps?limit=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/sweeps/" + Rows.SweepId, HttpStatusCode.InternalServerError)]
    [InlineData("/health/ready", HttpStatusCode.OK)]
    [InlineData("/login", HttpStatusCode.Found)]
    public async Task Headers_EveryKindOfAnswer_AreThere(string path, HttpStatusCode status)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await dashboard.Store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        var coordinator = Substitute.For<ISweepCoordinatorGrain>();
        coordinator.GetStatusAsync().ThrowsAsync(new InvalidOperationException("a secret of ours"));
        dashboard.Coordinators[Rows.SweepId] = coordinator;
        using var client = dashboard.Client();
        var answer = await client.GetAsync(path, Token);
        Assert.Equal(status, answer.StatusCode);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Equal(SecurityHeaders.ContentPolicy, policy);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.False(answer.Headers.Contains("Server"));
        Assert.Equal(path.StartsWith("/_", StringComparison.Ordinal), answer.Headers.CacheControl?.NoStore != true);
        Assert.DoesNotContain("secret of ours", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    /// <summary>What the policy would block is not there in the first place, and nothing is asked of others.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/login")]
    [InlineData("/logout")]
    [InlineData("/nowhere")]
    public async Task Html_EveryKindOfPage_HasNoInlineScriptAndNoOtherOrigin(string path)
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Viewer);
        using var client = path == "/login" ? dashboard.Client() : await dashboard.LogInAsync("ada");
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var answer = await client.GetAsync(path, Token);
        Assert.Equal(path == "/nowhere" ? HttpStatusCode.NotFound : HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(SecurityHeaders.ContentPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
        var html = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains("</html>", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:|(src|href|action)=""(https?:)?//", html);
    }

    [Fact]
    public void ContentPolicy_Scripts_AreFilesOfOursOnly()
    {
        var directives = SecurityHeaders.ContentPolicy.Split("; ").ToDictionary(directive => directive.Split(' ')[0], directive => directive.Split(' ')[1..]);
        Assert.Equal(["'self'"], directives["script-src"]);
        Assert.Equal(["'none'"], directives["default-src"]);
        Assert.Equal(["'none'"], directives["frame-ancestors"]);
        Assert.DoesNotContain(directives.Values.SelectMany(values => values), value => value.Contains("//", StringComparison.Ordinal) || value is "*" or "https:" or "http:" or "'unsafe-eval'");
    }

    [Fact]
    public async Task Api_ErrorOfOurs_IsAProblemWithoutItsMessage()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await dashboard.Store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        var coordinator = Substitute.For<ISweepCoordinatorGrain>();
        coordinator.GetStatusAsync().ThrowsAsync(new InvalidOperationException("a secret of ours"));
        dashboard.Coordinators[Rows.SweepId] = coordinator;
        using var client = dashboard.Client();
        var problem = await (await client.GetAsync($"/api/v1/sweeps/{Rows.SweepId}", Token)).ProblemAsync(HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(dashboard.Log, line => line.Contains("a secret of ours", StringComparison.Ordinal));
    }
}
