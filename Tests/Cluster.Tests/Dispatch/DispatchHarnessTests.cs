using System.Text.Json;
using Sweep.Cluster.Tests.Processes;
using Xunit;

namespace Sweep.Cluster.Tests.Dispatch;

/// <summary>The harness behind the figures of dispatch, on a sweep that is small enough for every day.</summary>
public sealed class DispatchHarnessTests
{
    private static readonly Dictionary<string, string> NoVariables = [];

    [Fact]
    public async Task Dispatch_OfASmallSweep_RecordsEveryRowOnceAndReportsIt()
    {
        await using var harness = await BuiltProgram.RunAsync("Perf", NoVariables, "dispatch", "--jobs", "200", "--items", "3", "--workers", "6", "--silos", "2", "--work", "10ms", "--json");
        if (harness.Error.Contains("found no server programs", StringComparison.Ordinal))
        {
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            Assert.Skip(harness.Error);
        }

        await harness.ExpectExitAsync(0);
        var report = JsonDocument.Parse(harness.Output).RootElement;
        Assert.Equal((200, 600, 0), (report.GetProperty("jobs").GetInt32(), report.GetProperty("rows").GetInt32(), report.GetProperty("late_writes").GetInt32()));
        Assert.Contains("fsync on, synchronous_commit on", report.GetProperty("store").GetString(), StringComparison.Ordinal);
        Assert.True(report.GetProperty("jobs_per_second").GetDouble() > 0);
        Assert.True(report.GetProperty("grant_p99_milliseconds").GetDouble() >= report.GetProperty("grant_p50_milliseconds").GetDouble());
        Assert.Equal(2, report.GetProperty("silo_peak_megabytes").GetArrayLength());
        // 2 s of work: six workers cannot be done with it before a third of a second.
        Assert.True(report.GetProperty("makespan_seconds").GetDouble() > 200 * 0.01 / 6);
    }

    [Theory]
    [InlineData("--jobs 15", "found '--jobs 15', expected --jobs N (a multiple of 10)")]
    [InlineData("--workers 2 --silos 3", "found 2 workers on 3 silos, expected at least one a silo")]
    [InlineData("--work soon", "found '--work soon', expected")]
    public async Task Dispatch_WithWrongArguments_SaysWhatIsExpected(string arguments, string problem)
    {
        await using var harness = await BuiltProgram.RunAsync("Perf", NoVariables, ["dispatch", .. arguments.Split(' ')]);
        await harness.ExpectExitAsync(2);
        Assert.StartsWith($"perf dispatch: {problem}", harness.Error, StringComparison.Ordinal);
    }
}
