using Sweep.Cli.Output;
using Sweep.Contracts.Grains;
using Xunit;

namespace Sweep.Cli.Tests.Output;

public sealed class ProgressLineTests
{
    private static readonly SweepStatus Status = new() { SweepId = "demo-002e6c860a", State = "Running", RowsTotal = 109_080, RowsDone = 54_540, RowsDoneHere = 54_540, Tokens = 2_000_000 };

    [Theory]
    [InlineData(79)]
    [InlineData(99)]
    [InlineData(159)]
    public void Of_AnyWidth_KeepsRowsRateTimeLeftAndModel(int width)
    {
        var line = At(Status, seconds: 100, width);

        Assert.InRange(line.Length, 1, width);
        foreach (var part in (string[])["54,540/109,080 item rows", "20,000 tokens/s", "1:40 left", "mamba-mini-planted"])
            Assert.Contains(part, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WideTerminal_ShowsSweepAndBar() =>
        Assert.StartsWith("demo-002e6c860a: running ██████████░░░░░░░░░░ 50 %, ", At(Status, seconds: 100, width: 160), StringComparison.Ordinal);

    [Fact]
    public void Of_Hours_AreShown() =>
        Assert.Contains(", 27:46:40 left", At(Status, seconds: 100_000, width: 160), StringComparison.Ordinal);

    [Fact]
    public void Of_ContinuedSweep_TakesTheRateOfThisRun() =>
        Assert.Contains(", 16:40 left", At(Status with { RowsDoneHere = 5_454 }, seconds: 100, width: 160), StringComparison.Ordinal);

    [Fact]
    public void Of_NothingRunYet_SaysThePhase() =>
        Assert.Equal("demo-002e6c860a: resolving, 3 s", At(Status with { State = "Resolving", RowsTotal = 0 }, seconds: 0, width: 160));

    [Fact]
    public void Of_AlmostAll_IsNotAHundredPercent() =>
        Assert.Contains("99 %", At(Status with { RowsDone = 109_079 }, seconds: 100, width: 160), StringComparison.Ordinal);

    private static string At(SweepStatus status, double seconds, int width) =>
        ProgressLine.Of(status, "mamba-mini-planted", TimeSpan.FromSeconds(seconds + 3), TimeSpan.FromSeconds(seconds), width);
}
