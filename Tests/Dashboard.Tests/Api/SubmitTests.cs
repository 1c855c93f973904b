using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Dashboard.Api;
using Sweep.Dashboard.Tests.Hosts;
using Xunit;

namespace Sweep.Dashboard.Tests.Api;

/// <summary>POST /api/v1/sweeps.</summary>
public sealed class SubmitTests
{
    private static readonly string Id = SweepIds.Of(PlanReader.Read(PlanTexts.Valid, "plan"));

    private static readonly string[] Odd =
    [
        "null", "{}", "[]", "{\"name\":1e999}", "scalars: [.nan, .inf]", "a: &x [*x]", "!!binary x", "{", "\"\\ud800\"", "- - - -", "name: \0", "---\n---\n", "? [a]\n: b",
        PlanTexts.Valid.Replace("0.5", "1e400", StringComparison.Ordinal),
        PlanTexts.Valid.Replace("0.5", ".nan", StringComparison.Ordinal),
        PlanTexts.Valid.Replace("layer: 8", "layer: 99999999999999999999", StringComparison.Ordinal),
        PlanTexts.Valid.Replace("trial", "\"\\ud800\"", StringComparison.Ordinal),
        PlanTexts.Valid.Replace("data/squad.json", "\"a\\0b\"", StringComparison.Ordinal),
        new string('[', 5000), new string('{', 5000), "a: " + new string('"', 3001), string.Concat(Enumerable.Repeat("a:\n  ", 2000)),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_Yaml_CreatesTheSweepOnceAndNotesIt()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        var first = await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid), Token);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal($"/api/v1/sweeps/{Id}", first.Headers.Location?.OriginalString);
        var second = await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid), Token);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        var view = JsonNode.Parse(await second.Content.ReadAsStringAsync(Token))!;
        Assert.Equal((Id, false), ((string?)view["sweep_id"], (bool)view["created"]!));
        Assert.Equal(PlanTexts.Valid, (await dashboard.Store.FindSweepAsync(Id, Token))!.PlanText);
        Assert.Equal([("loopback", "sweep.submit", Id), ("loopback", "sweep.submit", Id)], (await dashboard.Access.ReadJournalAsync(long.MaxValue, 10, Token)).Select(entry => (entry.Actor, entry.Action, entry.Target)));
    }

    [Fact]
    public async Task Submit_JsonOfTheSamePlan_IsTheSameSweep()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid), Token);
        var json = JsonSerializer.Serialize(new
        {
            name = "trial",
            models = new[] { "models/mini" },
            benchmarks = new[] { new { name = "squad", data = "data/squad.json" } },
            bottlenecks = new[] { new { name = "planted", layer = 8, channels = new[] { 3, 5 } } },
            scalars = new[] { 0.5, 1, 2 },
        }, SweepJson.Options);
        var answer = await client.SendAsync(ApiCalls.Plan(json, "application/json; charset=utf-8"), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(await dashboard.Store.ListSweepsAsync(Token));
    }

    [Fact]
    public async Task Submit_KeyUsedAgain_IsTheSameSweepAndRefusedForAnotherPlan()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid, key: "night-1"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid, key: "night-1"), Token)).StatusCode);
        var other = PlanTexts.Valid.Replace("layer: 8", "layer: 9", StringComparison.Ordinal);
        var problem = await (await client.SendAsync(ApiCalls.Plan(other, key: "night-1"), Token)).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Contains(Id, (string?)problem["detail"], StringComparison.Ordinal);
        Assert.Single(await dashboard.Store.ListSweepsAsync(Token));
        await (await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid, key: new string('k', 201)), Token)).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Submit_WrongPlan_NamesEveryProblemByPathAndPlace()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        var wrong = PlanTexts.Valid.Replace("layer: 8", "layer: -1", StringComparison.Ordinal).Replace("squad\n", "squadd\n", StringComparison.Ordinal);
        var problem = await (await client.SendAsync(ApiCalls.Plan(wrong), Token)).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal(ApiProblems.InvalidPlan, (string?)problem["type"]);
        var errors = problem["errors"]!.AsArray().Select(error => ((string?)error!["path"], (int)error["line"]!)).ToArray();
        Assert.Equal([("benchmarks[0].name", 4), ("bottlenecks[0].layer", 8)], errors);
        var refused = Assert.Single((await client.JsonAsync("/api/v1/views/refused.json")).AsArray())!;
        Assert.Equal(("loopback", 2), ((string?)refused["actor"], ((string?)refused["problems"])!.Split('\n').Length));
        Assert.Empty(await dashboard.Store.ListSweepsAsync(Token));
    }

    [Fact]
    public async Task Estimate_Plan_IsThatOfASiloWithItsFilesAndStoresNothing()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        var answer = await client.SendAsync(Estimate(PlanTexts.Valid), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var estimate = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
        Assert.Equal((6, 72L, 12L, 0.5), ((int)estimate["jobs"]!, (long)estimate["rows"]!, (long)estimate["rows_recorded"]!, (double)estimate["saved_share"]!));
        var missing = await (await client.SendAsync(Estimate(PlanTexts.Valid.Replace("models/mini", "models/none", StringComparison.Ordinal)), Token)).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal("models[0]: found none of this name", (string?)Assert.Single(missing["errors"]!.AsArray())!["detail"]);
        var wrong = await (await client.SendAsync(Estimate("name: x"), Token)).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.True(wrong["errors"]!.AsArray().Count > 1);
        Assert.Empty(await dashboard.Store.ListSweepsAsync(Token));

        static HttpRequestMessage Estimate(string plan)
        {
            var request = ApiCalls.Plan(plan);
            request.RequestUri = new Uri("/api/v1/estimate", UriKind.Relative);
            return request;
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task Submit_TypeThatAForeignPageCouldSend_IsRefused(string type)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        await (await client.SendAsync(ApiCalls.Plan(PlanTexts.Valid, type), Token)).ProblemAsync(HttpStatusCode.UnsupportedMediaType);
        Assert.Empty(await dashboard.Store.ListSweepsAsync(Token));
    }

    [Fact]
    public async Task Submit_LongBody_IsRefused()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        client.DefaultRequestHeaders.ExpectContinue = true;
        await (await client.SendAsync(ApiCalls.Plan(new byte[PlanBody.MostBytes + 1]), Token)).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    /// <summary>Noise, and a valid plan with something put in, cut out or said twice: what is not a plan is 400, and nothing is ever 500.</summary>
    [Fact]
    public async Task Submit_MalformedBodies_AreProblemsAndNeverErrors()
    {
        await using var dashboard = await TestDashboard.StartAsync(options => options.CallsPerMinute = 1_000_000);
        using var client = dashboard.Client();
        var valid = Encoding.UTF8.GetBytes(PlanTexts.Valid);
        var bodies = Gen.OneOf(
            Gen.Byte.Array[0, 200],
            Gen.Select(Gen.Int[0, valid.Length], Gen.Byte.Array[1, 8], (at, put) => (byte[])[.. valid[..at], .. put, .. valid[at..]]),
            Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[1, 40], (at, length) => (byte[])[.. valid[..at], .. valid[Math.Min(valid.Length, at + length)..]]),
            Gen.Select(Gen.Int[0, Odd.Length - 1], Gen.Int[1, 4], (which, times) => Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(Odd[which], times)))));
        var (wrong, right) = (0, 0);
        await Gen.Select(bodies, Gen.Bool).SampleAsync(
            async (body, isJson) =>
            {
                var answer = await client.SendAsync(ApiCalls.Plan(body, isJson ? "application/json" : "application/yaml"), Token);
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created)
                {
                    right++;
                    return;
                }

                await answer.ProblemAsync(HttpStatusCode.BadRequest);
                wrong++;
            },
            iter: 400,
            threads: 1);
        Assert.True(wrong >= 200, $"found {wrong} malformed bodies among 400, expected at least 200 ({right} were plans still)");
        Assert.DoesNotContain(dashboard.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
