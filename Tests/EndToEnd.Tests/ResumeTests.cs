using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests;

/// <summary>One plan, run undisturbed, with several workers, killed, and interrupted: the export is the same bytes.</summary>
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

        (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml", "--workers", "3")).Expect(0);

        await AssertSameExportAsync(folder);
    }

    [Fact]
    public async Task Run_KilledThreeTimes_EndsWithTheSameBytes()
    {
        await undisturbed.ReadyAsync();
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        var store = Path.Combine(folder.Path, ".sweep", "sweep.db");
        for (var kill = 0; kill < 3; kill++)
        {
            var before = LedgerProbe.Rows(store);
            using var cli = CliProcess.Start(folder.Path, "run", "plan.yaml");
            await NewRowAsync(cli, store, before);
            cli.Kill();
            Assert.InRange(LedgerProbe.Rows(store), before + 1, SmallPlan.Rows - 1);
        }

        (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml")).Expect(0);

        await AssertSameExportAsync(folder);
        Assert.Equal(SmallPlan.Rows, LedgerProbe.Accepted(store));
        // What was recorded is not computed again, and each kill costs its worker one batch's grant: what is lost is the micro-batch that ran.
        Assert.Equal(0, LedgerProbe.Shared(store));
        Assert.InRange(LedgerProbe.Attempts(store), LedgerProbe.Batches(store), LedgerProbe.Batches(store) + 3);
    }

    [Fact]
    public async Task Run_Interrupted_DrainsAndSaysHowToContinue()
    {
        await undisturbed.ReadyAsync();
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        var store = Path.Combine(folder.Path, "elsewhere.db");
        using var cli = CliProcess.Start(folder.Path, "run", "plan.yaml", "--store", "elsewhere.db", "--workers", "2");
        await NewRowAsync(cli, store, 0);

        cli.Interrupt();

        var outcome = (await cli.EndAsync()).Expect(130);
        Assert.Contains("sweep run plan.yaml --workers 2 --store elsewhere.db", outcome.Error, StringComparison.Ordinal);
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
        using var export = System.Text.Json.JsonDocument.Parse((await undisturbed.ExportAsync()).Output);
        var steered = export.RootElement.GetProperty("jobs").EnumerateArray().First(job => job.GetProperty("identity").GetProperty("interventions").GetArrayLength() > 0);

        var outcome = (await CliProcess.RunAsync(undisturbed.Folder, "replay", steered.GetProperty("id").GetString()!, "--json")).Expect(0);

        using var replay = System.Text.Json.JsonDocument.Parse(outcome.Output);
        Assert.InRange(replay.RootElement.GetProperty("items").GetInt32(), 12, 60);
        Assert.Equal(0, replay.RootElement.GetProperty("different").GetArrayLength());
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
