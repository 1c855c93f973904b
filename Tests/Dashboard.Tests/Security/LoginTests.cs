using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sweep.Dashboard.Tests.Api;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Sweep.Persistence.Postgres;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

/// <summary>People who log in with a password, and how their sessions end.</summary>
public sealed class LoginTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_Nobody_LeadsToTheLoginAndBack()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Viewer);
        using var client = dashboard.Client();
        var asked = await client.GetAsync("/?state=Running", Token);
        Assert.Equal(HttpStatusCode.Found, asked.StatusCode);
        Assert.Equal("/login?ReturnUrl=%2F%3Fstate%3DRunning", asked.Headers.Location!.PathAndQuery);
        var answer = await TestDashboard.PostLoginAsync(client, " Ada ", TestDashboard.Password, "/?state=Running");
        Assert.Equal("/?state=Running", answer.Headers.Location?.OriginalString);
        Assert.Contains("blazor.web.js", await client.GetStringAsync("/", Token), StringComparison.Ordinal);
        Assert.Equal("Viewer", (string?)(await client.JsonAsync("/api/v1/session"))["role"]);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task Login_ReturnElsewhere_LeadsToTheFirstPage(string returnUrl)
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Viewer);
        using var client = dashboard.Client();
        Assert.Equal("/", (await TestDashboard.PostLoginAsync(client, "ada", TestDashboard.Password, returnUrl)).Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("ada", "correct horse batterz")]
    [InlineData("ada", "")]
    [InlineData("nobody", TestDashboard.Password)]
    [InlineData("oidc-0123", TestDashboard.Password)]
    [InlineData("ada' OR '1'='1", TestDashboard.Password)]
    public async Task Login_WrongNameOrPassword_SaysTheSameOfBoth(string name, string password)
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        using var client = dashboard.Client();
        var answer = await TestDashboard.PostLoginAsync(client, name, password);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("This user name and password do not go together.", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.False(answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(cookie => cookie.StartsWith("sweep=", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "name=%00&password=%00")]
    [InlineData("application/x-www-form-urlencoded", "%ff%fe=%")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nnonsense")]
    [InlineData("multipart/form-data", "")]
    [InlineData("application/json", "{}")]
    public async Task Login_MalformedForm_IsRefused(string type, string body)
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        using var client = dashboard.Client();
        using var content = new StringContent(body);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("/login", content, Token)).StatusCode);
    }

    [Fact]
    public async Task Login_WithoutTheFormsToken_IsRefused()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        await dashboard.AddUserAsync("ada", AccessRole.Admin);
        using var client = dashboard.Client();
        var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = "ada", ["password"] = TestDashboard.Password });
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("/login", form, Token)).StatusCode);
    }

    /// <summary>On PostgreSQL: the same tables, another database.</summary>
    [Fact]
    public async Task Session_UserRemovedChangedOrLoggedOut_EndsAtOnce()
    {
        var store = await PostgresSweepStore.OpenAsync(await server.CreateStoreAsync(), Token);
        await using var owned = (IAsyncDisposable)store;
        await using var dashboard = await TestDashboard.StartWithLoginAsync(store: store);
        var ada = await dashboard.AddUserAsync("ada", AccessRole.Operator);
        using (var client = await dashboard.LogInAsync("ada"))
        {
            using var second = await dashboard.LogInAsync("ada");
            var logout = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = (string)(await client.JsonAsync("/api/v1/session"))["antiforgery_token"]! });
            Assert.Equal(HttpStatusCode.Found, (await client.PostAsync("/logout", logout, Token)).StatusCode);
            foreach (var ended in new[] { client, second })
                Assert.Equal(HttpStatusCode.Unauthorized, (await ended.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        }

        using (var client = await dashboard.LogInAsync("ada"))
        {
            await dashboard.Access.TryChangeUserAsync(ada with { Role = AccessRole.Viewer, Stamp = "second" }, TestDashboard.Entry("user.change"), Token);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        }

        using (var client = await dashboard.LogInAsync("ada"))
        {
            await dashboard.Access.TryRemoveUserAsync("ada", TestDashboard.Entry("user.remove"), Token);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        }

        Assert.Equal(["login", "login", "logout", "login", "login"], (await dashboard.Access.ReadJournalAsync(long.MaxValue, 20, Token)).Where(entry => entry.Actor == "user:ada").Select(entry => entry.Action).Reverse());
    }

    [Fact]
    public async Task Session_AfterItsHours_Ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var dashboard = await TestDashboard.StartWithLoginAsync(time);
        await dashboard.AddUserAsync("ada", AccessRole.Viewer);
        using var client = await dashboard.LogInAsync("ada");
        time.Advance(TimeSpan.FromHours(8) - TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
    }

    [Fact]
    public async Task Cookies_BehindTls_AreBoundToTheHostAndHiddenFromScripts()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync(configure: options => options.PublicUrl = "https://sweep.example.org");
        await dashboard.AddUserAsync("ada", AccessRole.Viewer);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = dashboard.Address };
        client.DefaultRequestHeaders.Host = "sweep.example.org";
        var page = await client.GetAsync("/login", Token);
        var form = page.Headers.GetValues("Set-Cookie").Single();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["name"] = "ada",
                ["password"] = TestDashboard.Password,
                ["__RequestVerificationToken"] = TestDashboard.FormToken(await page.Content.ReadAsStringAsync(Token)),
            }),
        };
        request.Headers.Add("Cookie", form.Split(';')[0]);
        var answer = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        var session = answer.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("__Host-sweep=", StringComparison.Ordinal));
        foreach (var cookie in new[] { form, session })
        {
            Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal);
            Assert.Contains("; path=/", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; samesite=", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("; domain=", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("; expires=", cookie, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Fact]
    public async Task PasswordHash_Anywhere_IsNeverSaid()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        var ada = await dashboard.AddUserAsync("ada", AccessRole.Admin);
        var token = await dashboard.TokenAsync(AccessRole.Admin);
        using var wrong = dashboard.Client();
        await TestDashboard.PostLoginAsync(wrong, "ada", "wrong password 1");
        using var client = await dashboard.LogInAsync("ada");
        var said = new List<string>();
        foreach (var path in new[] { "/", "/login", "/api/v1/session", "/api/v1/journal", "/api/v1/sweeps", "/api/v1/queue", ApiExtensionsPath })
            said.Add(await client.GetStringAsync(path, Token));
        using var program = dashboard.Client(token.Reveal());
        said.Add(await program.GetStringAsync("/api/v1/session", Token));
        said.AddRange(dashboard.Log);
        said.Add(ada.ToString() + (await dashboard.Access.FindTokenAsync(token.Id, Token)) + token);
        foreach (var secret in new[] { ada.PasswordHash!, TestDashboard.Password, "wrong password 1", token.Secret, Convert.ToBase64String(token.Hash()), Convert.ToHexString(token.Hash()) })
            Assert.DoesNotContain(said, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    private static string ApiExtensionsPath => Dashboard.Api.ApiExtensions.DocumentPath;
}
