using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Tests.Api;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

public sealed class TokenTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_Revoked_StopsAtOnce()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        var token = await dashboard.TokenAsync(AccessRole.Operator);
        using var client = dashboard.Client(token.Reveal());
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid), Token)).StatusCode);
        Assert.Equal($"token:{token.Id}", (await dashboard.Access.ReadJournalAsync(long.MaxValue, 1, Token))[0].Actor);
        await dashboard.Access.TryRevokeTokenAsync(token.Id, TestDashboard.Entry("token.revoke"), Token);
        await (await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid), Token)).ProblemAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Token_Expired_StopsAtThatMoment()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var dashboard = await TestDashboard.StartWithLoginAsync(time);
        using var client = dashboard.Client((await dashboard.TokenAsync(AccessRole.Viewer)).Reveal());
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer swp_")]
    [InlineData("Bearer swp_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Basic YWRhOnBhc3N3b3Jk")]
    [InlineData("nonsense")]
    public async Task Token_NoneOfOurs_IsRefusedAlsoOnLoopback(string header)
    {
        // Who gives a token means it: one that is wrong is no reason to be somebody else.
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        var answer = await client.GetAsync("/api/v1/sweeps", Token);
        await answer.ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Token_AnothersSecret_IsRefused()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        var (one, other) = (await dashboard.TokenAsync(AccessRole.Viewer), await dashboard.TokenAsync(AccessRole.Admin));
        using var client = dashboard.Client(new ApiToken(other.Id, one.Secret).Reveal());
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", Token)).StatusCode);
    }

    [Fact]
    public async Task Viewer_TryingToCancel_IsRefusedAndNoted()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        var token = await dashboard.TokenAsync(AccessRole.Viewer);
        using var client = dashboard.Client(token.Reveal());
        await (await client.PostAsync("/api/v1/sweeps/small-1/cancel", null, Token)).ProblemAsync(HttpStatusCode.Forbidden);
        var entry = (await dashboard.Access.ReadJournalAsync(long.MaxValue, 1, Token))[0];
        Assert.Equal(($"token:{token.Id}", "POST", "/api/v1/sweeps/small-1/cancel", JournalOutcome.Refused), (entry.Actor, entry.Action, entry.Target, entry.Outcome));
    }

    [Fact]
    public void Read_WhatCreateMade_IsTheSameToken()
    {
        var token = ApiToken.Create();
        Assert.Equal(token, ApiToken.Read(token.Reveal()));
        Assert.NotEqual(token, ApiToken.Create());
        Assert.True(token.Proves(token.Hash()));
        Assert.False(token.Proves(ApiToken.Create().Hash()));
    }
}
