using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parquet;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Tests.Reports;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Dashboard.Tests.Api;

/// <summary>What pages show, as files.</summary>
public sealed class ViewCallTests
{
    private const string Views = "/api/v1/views";
    private const string OfSweep = $"/api/v1/sweeps/{Rows.SweepId}/views";
    private const string Cell = "model=m&benchmark=squad&bottleneck=b&scalar=0.5";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task View_EachFormat_HasTheSameRows()
    {
        await using var dashboard = await EndedAsync();
        using var client = dashboard.Client();

        var json = (await client.JsonAsync($"{OfSweep}/cells.json?model=m&benchmark=squad")).AsArray();
        var csv = (await client.GetStringAsync($"{OfSweep}/cells.csv?model=m&benchmark=squad", Token)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var parquet = await client.GetAsync($"{OfSweep}/cells.parquet?model=m&benchmark=squad", Token);

        Assert.NotEmpty(json);
        Assert.StartsWith("model,benchmark,bottleneck,layer,scalar,", csv[0], StringComparison.Ordinal);
        Assert.Equal(json.Count, csv.Length - 1);
        Assert.Equal(csv[0].Split(','), json[0]!.AsObject().Select(field => field.Key));
        Assert.Equal($"{Rows.SweepId}-cells.parquet", parquet.Content.Headers.ContentDisposition?.FileName);
        await using var reader = await ParquetReader.CreateAsync(await parquet.Content.ReadAsStreamAsync(Token), cancellationToken: Token);
        Assert.Equal(csv[0].Split(','), reader.Schema.DataFields.Select(field => field.Name));
        Assert.Equal(json.Count, reader.OpenRowGroupReader(0).RowCount);
    }

    [Fact]
    public async Task Items_WithTheFiltersOfTheirPage_AreThoseItShows()
    {
        await using var dashboard = await EndedAsync();
        using var client = dashboard.Client();

        var all = (await client.JsonAsync($"{OfSweep}/items.json?{Cell}")).AsArray();
        var better = (await client.JsonAsync($"{OfSweep}/items.json?{Cell}&show=better")).AsArray();

        Assert.Equal(3, all.Count);
        Assert.Equal(all.Where(row => (double?)row!["effect"] > 0).Select(row => (string?)row!["item"]), better.Select(row => (string?)row!["item"]));
        Assert.NotEmpty(better);
        Assert.All(better, row => Assert.Equal("right", (string?)row!["steered_response"]));
        Assert.Empty((await client.JsonAsync($"{OfSweep}/items.json?{Cell}&split=selection")).AsArray());
    }

    [Fact]
    public async Task Leaderboard_IsTheSummarysRows()
    {
        await using var dashboard = await EndedAsync();
        using var client = dashboard.Client();
        var row = Assert.Single(new RecordedReport().Summary().Rows);

        var found = Assert.Single((await client.JsonAsync($"{OfSweep}/leaderboard.json")).AsArray())!;

        Assert.Equal((row.Bottleneck, row.Effect, row.TestItems, row.Scalar), ((string?)found["bottleneck"], (double)found["effect"]!, (int)found["test_n"]!, (double?)found["scalar"]));
    }

    [Fact]
    public async Task Lists_OfSweepsQueueAndComparison_AreThoseOfThePages()
    {
        await using var dashboard = await EndedAsync();
        using var client = dashboard.Client();
        await dashboard.Store.SubmitAsync("waits-0123456789", Rows.Plan with { Name = "waits", Owner = "=HYPERLINK(1)" }, "name: waits", Token);

        Assert.Equal(["waits-0123456789"], Of(await client.JsonAsync($"{Views}/sweeps.json?q=WAITS"), "sweep"));
        Assert.Equal(["waits-0123456789"], Of(await client.JsonAsync($"{Views}/queue.json"), "sweep"));
        Assert.Contains(",'=HYPERLINK(1),", await client.GetStringAsync($"{Views}/queue.csv", Token), StringComparison.Ordinal);
        var compared = Assert.Single((await client.JsonAsync($"{Views}/compare.json?left={Rows.SweepId}&right={Rows.SweepId}&rightSet=b@0.5")).AsArray())!;
        Assert.Equal(("squad", 3), ((string?)compared["benchmark"], (int)compared["n"]!));
        Assert.Empty((await client.JsonAsync($"{Views}/set-aside.json")).AsArray());
    }

    [Theory]
    [InlineData(Views + "/nothing.csv", HttpStatusCode.NotFound)]
    [InlineData(Views + "/cells.csv", HttpStatusCode.NotFound)]
    [InlineData(Views + "/sweeps.xlsx", HttpStatusCode.BadRequest)]
    [InlineData(OfSweep + "/items.csv", HttpStatusCode.NotFound)]
    [InlineData(OfSweep + "/items.csv?model=m&benchmark=squad&bottleneck=b&scalar=much", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/sweeps/none/views/leaderboard.csv", HttpStatusCode.NotFound)]
    public async Task View_WhatIsNotThere_IsAProblem(string address, HttpStatusCode expected)
    {
        await using var dashboard = await EndedAsync();
        using var client = dashboard.Client();
        await (await client.GetAsync(address, Token)).ProblemAsync(expected);
    }

    [Theory]
    [InlineData("distribution")]
    [InlineData("bottleneck")]
    public async Task Figures_OfACellAndABottleneck_AreFiles(string kind)
    {
        await using var dashboard = await EndedAsync();
        using var client = dashboard.Client();
        Assert.StartsWith("<svg", await client.GetStringAsync($"/sweeps/{Rows.SweepId}/figures/{kind}.svg?{Cell}", Token), StringComparison.Ordinal);
        Assert.Contains('\n', await client.GetStringAsync($"/sweeps/{Rows.SweepId}/figures/{kind}.csv?{Cell}", Token));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/sweeps/{Rows.SweepId}/figures/{kind}.svg?model=other", Token)).StatusCode);
    }

    [Fact]
    public async Task Scores_OfRankedChannels_AreShownWithTheChosenOnes()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        var bottleneck = Rows.Resolved.Bottlenecks[0] with { Recipe = "top 2 by variance" };
        await Rows.PrepareAsync(dashboard.Store, Rows.Resolved with { Bottlenecks = [bottleneck] }, Token);
        var address = $"{OfSweep}/scores.json?model=m&name=b";
        await (await client.GetAsync(address, Token)).ProblemAsync(HttpStatusCode.NotFound);
        var channels = new IdentifiedChannels
        {
            WeightsHashes = ["w"],
            Ranked =
            [
                new RankedPlace { Model = 0, Layer = 1, Site = "MixerOutput", Recipe = "scaling", Scores = [9, 9, 9, 9] },
                new RankedPlace { Model = 0, Layer = 1, Site = "MixerOutput", Recipe = "variance", Scores = [0.1f, 5, 4, null] },
            ],
            Calibrated = [],
        };
        await dashboard.Store.SaveArtifactAsync(IdentifiedChannels.KeyOf(Rows.SweepId), JsonSerializer.SerializeToUtf8Bytes(channels, SweepJson.Options), Token);

        var rows = (await client.JsonAsync(address)).AsArray();
        var figure = await client.GetStringAsync($"/sweeps/{Rows.SweepId}/figures/scores.svg?model=m&bottleneck=b", Token);

        Assert.Equal([("variance", 0.1, "false"), ("variance", 5, "true"), ("variance", 4, "true"), ("variance", null, "false")], rows.Select(row => ((string?)row!["recipe"], (double?)row["score"], (string?)row["chosen"])));
        Assert.Contains("n 3 channels, 2 of them chosen (marked), with 99 % of all scores together; they rank 1 to 2", figure, StringComparison.Ordinal);
        Assert.Contains("channel 1: 5, rank 1 of 3", figure, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/sweeps/{Rows.SweepId}/figures/scores.svg?model=m&bottleneck=b&part=1", Token)).StatusCode);
    }

    private static IEnumerable<string?> Of(JsonNode rows, string column) => rows.AsArray().Select(row => (string?)row![column]);

    private static async Task<TestDashboard> EndedAsync()
    {
        var dashboard = await SweepCallTests.RunningAsync();
        await dashboard.Store.SaveSummaryAsync(Rows.SweepId, new RecordedReport().Summary(), Token);
        await dashboard.Store.TrySetStateAsync(Rows.SweepId, [SweepState.Running], SweepState.Completed, null, Token);
        return dashboard;
    }
}
