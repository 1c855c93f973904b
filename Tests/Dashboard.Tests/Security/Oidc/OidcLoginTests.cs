using System.Net;
using Sweep.Dashboard.Tests.Api;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Xunit;

namespace Sweep.Dashboard.Tests.Security.Oidc;

/// <summary>Logins at an issuer, by the whole way: discovery, authorization, code with PKCE, identity token.</summary>
public sealed class OidcLoginTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sweep-viewer", "Viewer")]
    [InlineData("sweep-viewer,sweep-operator", "Operator")]
    [InlineData("staff,sweep-admin,sweep-viewer", "Admin")]
    public async Task Login_RolesOfTheToken_GiveTheHighest(string roles, string expected)
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Roles = roles.Split(',');
        await using var dashboard = await StartAsync(issuer);
        using var client = dashboard.Client();
        var page = await client.GetAsync("/?state=Running", Token);
        Assert.StartsWith("/login?", page.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        Assert.Contains("/login/issuer?returnUrl=%2F%3Fstate%3DRunning", WebUtility.HtmlDecode(await client.GetStringAsync(page.Headers.Location, Token)), StringComparison.Ordinal);
        Assert.Equal("/?state=Running", await LogInAsync(client, "/login/issuer?returnUrl=%2F%3Fstate%3DRunning"));
        var session = await client.JsonAsync("/api/v1/session");
        Assert.Equal((expected, "Person subject-1"), ((string?)session["role"], (string?)session["name"]));
        var user = Assert.Single(await dashboard.Access.ListUsersAsync(Token));
        Assert.Null(user.PasswordHash);
        Assert.Equal(("login", JournalOutcome.Done, $"user:{user.Name}"), (await dashboard.Access.ReadJournalAsync(long.MaxValue, 1, Token)).Select(entry => (entry.Action, entry.Outcome, entry.Actor)).Single());
        Assert.Empty(issuer.Refusals);
    }

    [Fact]
    public async Task Login_NoRole_IsRefusedAndNoted()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Roles = ["staff"];
        await using var dashboard = await StartAsync(issuer);
        using var client = dashboard.Client();
        var end = await LogInAsync(client);
        Assert.Equal("/login?problem=role", end);
        Assert.Contains("has no role in Sweep", await client.GetStringAsync(end, Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        Assert.Empty(await dashboard.Access.ListUsersAsync(Token));
        Assert.Equal(JournalOutcome.Refused, (await dashboard.Access.ReadJournalAsync(long.MaxValue, 1, Token)).Single().Outcome);
    }

    [Theory]
    [InlineData("nonce", "another")]
    [InlineData("aud", "another client")]
    [InlineData("sub", "")]
    public async Task Login_TokenThatIsNotForUs_IsRefused(string claim, string value)
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Roles = ["sweep-admin"];
        issuer.Falsify = claims => claims[claim] = value;
        await using var dashboard = await StartAsync(issuer);
        await AssertRefusedAsync(dashboard);
    }

    [Fact]
    public async Task Login_SignatureOfAnotherKey_IsRefused()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Roles = ["sweep-admin"];
        issuer.SignsWithAnotherKey = true;
        await using var dashboard = await StartAsync(issuer);
        await AssertRefusedAsync(dashboard);
    }

    /// <summary>A callback that this browser did not begin: somebody else's code must not log it in.</summary>
    [Fact]
    public async Task Callback_StateOfAnotherBrowser_IsRefused()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Roles = ["sweep-admin"];
        await using var dashboard = await StartAsync(issuer);
        using var attacker = dashboard.Client();
        using var victim = dashboard.Client();
        var authorize = (await attacker.GetAsync("/login/issuer", Token)).Headers.Location!;
        var callback = (await attacker.GetAsync(authorize, Token)).Headers.Location!;
        Assert.Equal("/login?problem=failed", (await victim.GetAsync(callback, Token)).Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.Unauthorized, (await victim.GetAsync("/api/v1/sweeps", Token)).StatusCode);
    }

    [Fact]
    public async Task Session_RoleTakenAtTheIssuer_EndsOldSessionsAtTheNextLogin()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Roles = ["sweep-admin"];
        await using var dashboard = await StartAsync(issuer);
        using var before = dashboard.Client();
        await LogInAsync(before);
        using var same = dashboard.Client();
        await LogInAsync(same);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync("/api/v1/journal", Token)).StatusCode);
        issuer.Roles = ["sweep-viewer"];
        using var after = dashboard.Client();
        await LogInAsync(after);
        Assert.Equal(HttpStatusCode.Unauthorized, (await before.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await after.GetAsync("/api/v1/journal", Token)).StatusCode);
        Assert.Equal(AccessRole.Viewer, Assert.Single(await dashboard.Access.ListUsersAsync(Token)).Role);
    }

    [Fact]
    public async Task PasswordForm_WithAnIssuer_IsNotThere()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var dashboard = await StartAsync(issuer);
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        using var client = dashboard.Client();
        var answer = await client.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = "ada", ["password"] = TestDashboard.Password }), Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static Task<TestDashboard> StartAsync(TestIssuer issuer) => TestDashboard.StartAsync(options =>
    {
        options.Login = SweepDashboardOptions.OidcLogin;
        (options.Oidc.Authority, options.Oidc.ClientId, options.Oidc.ClientSecret) = (issuer.Authority, TestIssuer.ClientId, TestIssuer.ClientSecret);
    });

    private static async Task AssertRefusedAsync(TestDashboard dashboard)
    {
        using var client = dashboard.Client();
        Assert.Equal("/login?problem=failed", await LogInAsync(client));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        Assert.Empty(await dashboard.Access.ListUsersAsync(Token));
    }

    /// <summary>Where the way ends.</summary>
    private static async Task<string?> LogInAsync(HttpClient client, string start = "/login/issuer")
    {
        var authorize = await client.GetAsync(start, Token);
        Assert.Contains("code_challenge_method=S256", authorize.Headers.Location!.Query, StringComparison.Ordinal);
        var callback = await client.GetAsync(authorize.Headers.Location, Token);
        return (await client.GetAsync(callback.Headers.Location, Token)).Headers.Location?.OriginalString;
    }
}
