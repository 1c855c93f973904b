using System.Globalization;
using System.Text.Json;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests;

/// <summary>One plan, run undisturbed, packed otherwise for several workers, killed, and interrupted: the export is the same bytes.</summary>
public sealed class ResumeTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Run_Undisturbed_HoldsEveryRowOnce()
    {
        await undisturbed.ReadyAsync();

        Assert.Equal(SmallPlan.Rows, LedgerProbe.Rows(undisturbed.Store));
        Assert.Equal(SmallPlan.Rows, LedgerProbe.Accepted(undisturbed.Store));
        Assert.Equal(0, LedgerProbe.Shared(undisturbed.Store));
    }

    [Fact]
    public async Task Run_ThreeWorkersInAnotherStore_ExportsTheSameBytes()
    {
        await undisturbed.ReadyAsync();
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);

        (await CliProcess.RunAsync(folder.Path, SmallPlan.FinePacking, "run", "plan.yaml", "--workers", "3")).Expect(0);

        await AssertSameExportAsync(folder);
    }

    [Fact]
    public async Task Run_KilledThreeTimes_EndsWithTheSameBytes()
    {
        await undisturbed.ReadyAsync();
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        var store = Path.Combine(folder.Path, ".sweep", "sweep.db");
        int[] workers = [1, 2, 1];
        foreach (var count in workers)
        {
            var before = LedgerProbe.Rows(store);
            using var cli = CliProcess.Start(folder.Path, SmallPlan.FinePacking, "run", "plan.yaml", "--workers", $"{count}");
            await NewRowAsync(cli, store, before);
            cli.Kill();
            Assert.InRange(LedgerProbe.Rows(store), before + 1, SmallPlan.Rows - 1);
        }

        (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml")).Expect(0);

        await AssertSameExportAsync(folder);
        Assert.Equal(SmallPlan.Rows, LedgerProbe.Rows(store));
        Assert.Equal(SmallPlan.Rows, LedgerProbe.Accepted(store));

        // What is recorded is not computed again. A worker runs the micro-batches of its batch in order and records each whole, so what a kill lost is at most the one
        // that followed those recorded.
        Assert.Equal(0, LedgerProbe.Shared(store));
        var killed = LedgerProbe.Killed(store);
        Assert.InRange(killed.Count, 0, workers.Sum());
        Assert.All(killed, attempt => Assert.Contains(attempt.RowsRecorded, attempt.RowsAfterEachMicroBatch));
        Assert.Equal(LedgerProbe.Batches(store) + killed.Count, LedgerProbe.Attempts(store));

        // No run waited for a lease of its predecessor to expire, which counts as a failure.
        Assert.Equal(0, LedgerProbe.FailedAttempts(store));
    }

    [Fact]
    public async Task Run_CompletedBefore_RunsNothingAndExportsTheSameBytes()
    {
        await undisturbed.ReadyAsync();
        var (export, attempts) = ((await undisturbed.ExportAsync()).Output, LedgerProbe.Attempts(undisturbed.Store));

        var again = (await CliProcess.RunAsync(undisturbed.Folder, "run", "plan.yaml")).Expect(0);

        Assert.Contains("completed before", again.Error, StringComparison.Ordinal);
        Assert.Equal(attempts, LedgerProbe.Attempts(undisturbed.Store));
        Assert.Equal(export, (await undisturbed.ExportAsync()).Output);
    }

    [Fact]
    public async Task Run_FilesChangedSince_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("squad.json", await File.ReadAllTextAsync(SmallPlan.Benchmark("squad.json"), TestContext.Current.CancellationToken));
        folder.Write("plan.yaml", $$"""
            name: changing
            models: ['{{Fixtures.Shipped("models", "mamba-mini")}}']
            benchmarks: [{ name: squad, data: squad.json, items: 2 }]
            bottlenecks: [{ name: one, layer: 11, channels: [3] }]
            scalars: [0.5]
            controls: off
            decoding: { generate: false }
            """);
        (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml")).Expect(0);

        File.SetLastWriteTimeUtc(data, DateTime.UtcNow.AddMinutes(1));
        (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml")).Expect(0);
        await File.AppendAllTextAsync(data, "\n", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(data, DateTime.UtcNow.AddMinutes(1));
        var refused = (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml")).Expect(2);

        Assert.Contains("found other contents in squad.json than when it began", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Interrupted_DrainsAndSaysHowToContinue()
    {
        await undisturbed.ReadyAsync();
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        var store = Path.Combine(folder.Path, "elsewhere.db");
        using var cli = CliProcess.Start(folder.Path, SmallPlan.FinePacking, "run", "plan.yaml", "--store", "elsewhere.db", "--workers", "2");
        await NewRowAsync(cli, store, 0);

        cli.Interrupt();

        var outcome = (await cli.EndAsync()).Expect(130);
        var rows = LedgerProbe.Rows(store);
        Assert.InRange(rows, 1, SmallPlan.Rows - 1);
        Assert.Contains($"sweep: stopped, {rows.ToString("N0", CultureInfo.InvariantCulture)} item rows are recorded; continue with: sweep run plan.yaml --workers 2 --store elsewhere.db", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(LedgerProbe.Killed(store));
        (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml", "--workers", "2", "--store", "elsewhere.db")).Expect(0);
        await AssertSameExportAsync(folder, "--store", "elsewhere.db");
        Assert.Equal(0, LedgerProbe.Shared(store));
    }

    [Fact]
    public async Task Run_OnAStoreInUse_IsRefusedNamingTheHolder()
    {
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        using var first = CliProcess.Start(folder.Path, "run", "plan.yaml");
        await NewRowAsync(first, Path.Combine(folder.Path, ".sweep", "sweep.db"), 0);

        var second = (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml")).Expect(2);

        Assert.False(first.HasExited, first.Error);
        Assert.Contains($"in use by process {first.Id}", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WithRun_AddsWhatTheOthersLeaveOut()
    {
        await undisturbed.ReadyAsync();
        var plain = (await undisturbed.ExportAsync()).Output;
        var withRun = (await CliProcess.RunAsync(undisturbed.Folder, "export", "--latest", "--with-run")).Expect(0).Output;

        foreach (var field in (string[])["\"run\"", "\"submitted_at\"", "\"device_seconds\"", "\"attempts\""])
        {
            Assert.DoesNotContain(field, plain, StringComparison.Ordinal);
            Assert.Contains(field, withRun, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Replay_RecordedJob_FindsNoDifference()
    {
        await undisturbed.ReadyAsync();
        using var export = JsonDocument.Parse((await undisturbed.ExportAsync()).Output);
        var steered = export.RootElement.GetProperty("jobs").EnumerateArray().First(job => job.GetProperty("identity").GetProperty("interventions").GetArrayLength() > 0);

        var outcome = (await CliProcess.RunAsync(undisturbed.Folder, "replay", steered.GetProperty("id").GetString()!, "--json")).Expect(0);

        using var replay = JsonDocument.Parse(outcome.Output);
        Assert.InRange(replay.RootElement.GetProperty("items").GetInt32(), 12, 60);
        Assert.Equal(0, replay.RootElement.GetProperty("different").GetArrayLength());
    }

    [Fact]
    public async Task Replay_BeginningOfSeveralJobs_IsRefused()
    {
        await undisturbed.ReadyAsync();
        using var export = JsonDocument.Parse((await undisturbed.ExportAsync()).Output);
        var several = export.RootElement.GetProperty("jobs").EnumerateArray().GroupBy(job => job.GetProperty("id").GetString()![..1]).First(group => group.Count() > 1);

        var refused = (await CliProcess.RunAsync(undisturbed.Folder, "replay", several.Key)).Expect(2);

        Assert.Contains($"job '{several.Key}': found {several.Count()} whose ids begin so, expected one", refused.Error, StringComparison.Ordinal);
    }

    private static async Task NewRowAsync(CliProcess cli, string store, long before)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var until = DateTime.UtcNow + Patience;
        while (LedgerProbe.Rows(store) <= before)
        {
            Assert.False(cli.HasExited, $"the run ended before a row beyond {before} was recorded:\n{cli.Error}");
            Assert.True(DateTime.UtcNow < until, $"no row beyond {before} was recorded in {Patience.TotalMinutes} minutes:\n{cli.Error}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task AssertSameExportAsync(TemporaryFolder folder, params string[] store)
    {
        var found = (await CliProcess.RunAsync(folder.Path, ["export", "--latest", .. store])).Expect(0);
        Assert.Equal((await undisturbed.ExportAsync()).Output, found.Output);
    }
}
