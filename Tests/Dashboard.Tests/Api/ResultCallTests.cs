using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Tests.Reports;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Dashboard.Tests.Api;

/// <summary>What a sweep found, by the API: the same as by the store and the commands.</summary>
public sealed class ResultCallTests
{
    private const string One = "/api/v1/sweeps/" + Rows.SweepId;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_OfASummary_AreItsRowsAndCells()
    {
        await using var dashboard = await SweepCallTests.RunningAsync();
        using var client = dashboard.Client();
        await (await client.GetAsync($"{One}/results", Token)).ProblemAsync(HttpStatusCode.Conflict);
        var summary = new RecordedReport().Summary();
        await dashboard.Store.SaveSummaryAsync(Rows.SweepId, summary, Token);
        var rows = (await client.JsonAsync($"{One}/results"))["rows"]!.AsArray();
        Assert.Equal((summary.Rows[0].Bottleneck, summary.Rows[0].Effect, "Better"), ((string?)Assert.Single(rows)!["bottleneck"], (double)rows[0]!["effect"]!, (string?)rows[0]!["verdict"]));
        Assert.Equal(summary.Cells.Count, (await client.JsonAsync($"{One}/cells"))["cells"]!.AsArray().Count);
    }

    [Fact]
    public async Task Cells_PageByPage_AreTheSummarysInOrder()
    {
        await using var dashboard = await SweepCallTests.RunningAsync();
        using var client = dashboard.Client();
        await (await client.GetAsync($"{One}/cells", Token)).ProblemAsync(HttpStatusCode.Conflict);
        await (await client.GetAsync($"{One}/cells?after=x", Token)).ProblemAsync(HttpStatusCode.BadRequest);
        var summary = new RecordedReport().Summary();
        await dashboard.Store.SaveSummaryAsync(Rows.SweepId, summary, Token);
        var paged = new List<JsonNode?>();
        for (int? next = null; ;)
        {
            var page = await client.JsonAsync($"{One}/cells?limit=1{(next is null ? "" : $"&after={next}")}");
            paged.Add(Assert.Single(page["cells"]!.AsArray()));
            if ((next = (int?)page["next"]) is null)
                break;
        }

        Assert.Equal(summary.Cells.Select(cell => (cell.Benchmark, cell.Bottleneck, cell.Scalar)), paged.Select(cell => ((string)cell!["benchmark"]!, (string)cell["bottleneck"]!, (double?)cell["scalar"])));
        Assert.Empty((await client.JsonAsync($"{One}/cells?bottleneck=none"))["cells"]!.AsArray());
    }

    [Fact]
    public async Task Items_PageByPage_AreTheLedgersRowsInOrder()
    {
        await using var dashboard = await SweepCallTests.RunningAsync();
        using var client = dashboard.Client();
        var all = (await client.JsonAsync($"{One}/items?limit=500"))["items"]!.AsArray();
        var csv = Encoding.UTF8.GetString(await ExportBytes.OfAsync(dashboard.Store, ExportFormat.Csv, withRun: false, Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(csv.Length - 1, all.Count);
        var paged = new List<JsonNode?>();
        for (string? next = null; ;)
        {
            var page = await client.JsonAsync($"{One}/items?limit=4{(next is null ? "" : $"&after={next}")}");
            paged.AddRange(page["items"]!.AsArray());
            if ((next = (string?)page["next"]) is null)
                break;
            Assert.Equal(4, page["items"]!.AsArray().Count);
        }

        Assert.Equal(all.Select(row => row!.ToJsonString()), paged.Select(row => row!.ToJsonString()));
        Assert.Equal("right", (string?)all.First(row => (string?)row!["flags"] == "GenerationTruncated")!["response"]);
        var job = (string?)all[0]!["job"];
        Assert.Equal(3, (await client.JsonAsync($"{One}/items?job={job}"))["items"]!.AsArray().Count);
        await (await client.GetAsync($"{One}/items?job={new string('0', 64)}", Token)).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("csv", ExportFormat.Csv, "text/csv")]
    [InlineData("json", ExportFormat.Json, "application/json")]
    [InlineData("parquet", ExportFormat.Parquet, "application/vnd.apache.parquet")]
    public async Task Export_EachFormat_IsTheExportersBytes(string format, ExportFormat expected, string type)
    {
        await using var dashboard = await SweepCallTests.RunningAsync();
        using var client = dashboard.Client();
        var answer = await client.GetAsync($"{One}/export?format={format}", Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"{Rows.SweepId}.{format}", answer.Content.Headers.ContentDisposition?.FileName);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Token);
        if (expected == ExportFormat.Parquet)
            Assert.Equal("PAR1"u8.ToArray(), bytes[..4]);
        else
            Assert.Equal(await ExportBytes.OfAsync(dashboard.Store, expected, withRun: false, Token), bytes);
    }

    [Fact]
    public async Task Report_Html_RunsNothing()
    {
        await using var dashboard = await SweepCallTests.RunningAsync();
        await dashboard.Store.SaveSummaryAsync(Rows.SweepId, new RecordedReport().Summary(), Token);
        using var client = dashboard.Client();
        var answer = await client.GetAsync($"{One}/report", Token);
        Assert.Equal(SecurityHeaders.DocumentPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("<html", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.StartsWith("# ", await client.GetStringAsync($"{One}/report?format=md", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_RecordedSweep_CountsItsRows()
    {
        await using var dashboard = await SweepCallTests.RunningAsync();
        using var client = dashboard.Client();
        var audit = await client.JsonAsync($"{One}/audit");
        Assert.True((int)audit["rows_recorded"]! > 0);
        Assert.Equal((int)audit["rows_expected"]!, (int)audit["rows_recorded"]!);
    }

    [Fact]
    public async Task Queue_SetAsideBatch_SaysWhy()
    {
        await using var dashboard = await SweepCallTests.RunningAsync();
        var batch = Rows.Batch with { Id = $"{Rows.SweepId}/2" };
        await dashboard.Store.AddBatchesAsync([batch], Token);
        var lease = (await dashboard.Store.TryGrantAsync(batch.Id, 0, "w", 30, Token))!;
        await dashboard.Store.EndLeaseAsync(lease, BatchStatus.Quarantined, "killed its worker", Token);
        using var client = dashboard.Client();
        var queue = await client.JsonAsync("/api/v1/queue");
        Assert.Equal(("sweep.submit-sweep", 3, 1), ((string?)queue["broker"]!["queues"]![0]!["name"], (int)queue["broker"]!["queues"]![0]!["waiting"]!, (int)queue["broker"]!["queues"]![0]!["failed"]!));
        var sweep = Assert.Single(queue["sweeps"]!.AsArray())!;
        Assert.Equal((batch.Id, "killed its worker"), ((string?)sweep["set_aside"]![0]!["id"], (string?)sweep["set_aside"]![0]!["reason"]));
    }
}
