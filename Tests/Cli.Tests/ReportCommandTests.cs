using System.Text.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Sqlite;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>`sweep report` on stores of this process.</summary>
[Collection(Terminal.Collection)]
public sealed class ReportCommandTests : IDisposable
{
    private readonly Inputs _inputs = new();

    [Fact]
    public async Task Report_RunSweep_IsWrittenInEveryFormatWithTheNumbersOfShow()
    {
        (await RunAsync("run ./plan.yaml --store ./s.db")).Done();
        Directory.CreateDirectory(_inputs.At("out"));

        var written = (await RunAsync("report --latest --store ./s.db --out ./out")).Done().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        Assert.Equal([".html", ".md", ".tex"], written.Select(file => Path.GetExtension(file)));
        using var json = JsonDocument.Parse((await RunAsync("show --latest --store ./s.db --json")).Done().Output);
        var row = Assert.Single(json.RootElement.GetProperty("rows").EnumerateArray());
        var page = await File.ReadAllTextAsync(written[0], TestContext.Current.CancellationToken);
        var effect = 100 * row.GetProperty("effect").GetDouble();
        Assert.Contains($"<td>{effect.ToString("+0.0;-0.0;0.0", System.Globalization.CultureInfo.InvariantCulture)}</td>", page, StringComparison.Ordinal);
        foreach (var job in json.RootElement.GetProperty("cells").EnumerateArray().SelectMany(cell => cell.GetProperty("jobs").EnumerateObject()))
            Assert.Contains($"sweep replay {job.Value.GetString()![..16]}<", page, StringComparison.Ordinal);

        // Another time, one format, a name of one's own: the same bytes.
        (await RunAsync("report --latest --store ./s.db --out ./again.html")).Done();
        Assert.Equal(page, await File.ReadAllTextAsync(_inputs.At("again.html"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Report_UnknownSweep_IsRefusedInOneLine()
    {
        await SubmitAsync("small-1");

        (await RunAsync("report other --store ./s.db")).Refuses("sweep 'other': found none whose id begins so, expected one that 'sweep list' shows");
    }

    [Fact]
    public async Task Report_SweepThatHasNotBegun_IsRefused()
    {
        await SubmitAsync("small-1");

        (await RunAsync("report small --store ./s.db")).Refuses("small-1: found no results (it is submitted), expected a sweep that has begun to run");
    }

    [Theory]
    [InlineData("--format pdf", "--format: found 'pdf', expected html, md or tex")]
    [InlineData("--out ''", "--out: found '', expected a file's name")]
    public async Task Report_WrongOption_IsRefused(string option, string message) => (await RunAsync($"report small --store ./s.db {option}")).Refuses(message);

    public void Dispose() => _inputs.Dispose();

    private Task<CommandOutcome> RunAsync(string command) => Terminal.RunAsync(_inputs.Words(command));

    private async Task SubmitAsync(string id)
    {
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), CancellationToken.None);
        await store.SubmitAsync(id, PlanReader.Read(Inputs.Plan, "plan.yaml"), Inputs.Plan, CancellationToken.None);
    }
}
