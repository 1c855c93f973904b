using Sweep.Grains.Dispatch;
using Sweep.Grains.Workers;
using Xunit;

namespace Sweep.Grains.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Problems_OfDefaults_AreNone()
    {
        Assert.Empty(new DispatchOptions().Problems());
        Assert.Empty(new BatchPlannerOptions().Problems());
        Assert.Empty(new WorkerOptions().Problems());
    }

    [Fact]
    public void Problems_OfBrokenOptions_NameEverySetting()
    {
        Assert.Equal(
            [
                "Sweep:Dispatch:LeaseSeconds is 0, expected above 0",
                "Sweep:Dispatch:TickSeconds is NaN, expected above 0",
                "Sweep:Dispatch:OwnerWeights:ann is 0, expected above 0",
                "Sweep:Dispatch:MaxFailedAttempts is 0, expected at least 1",
            ],
            new DispatchOptions { LeaseSeconds = 0, TickSeconds = double.NaN, MaxFailedAttempts = 0, OwnerWeights = { ["ann"] = 0, ["bob"] = 2 } }.Problems());
        Assert.Equal(
            ["Sweep:Planner:TargetBatchSeconds is 1, expected at least TargetMicroBatchSeconds (2)", "Sweep:Planner:MaxRowTokens is 0, expected at least 1"],
            new BatchPlannerOptions { TargetBatchSeconds = 1, MaxRowTokens = 0 }.Problems());
        Assert.Equal(
            ["Sweep:Worker:Devices is cpu:0, cpu:0, expected distinct names", "Sweep:Worker:IdleMaximumSeconds is 0.01, expected at least IdleMinimumSeconds (0.05)"],
            new WorkerOptions { Devices = ["cpu:0", "cpu:0"], IdleMaximumSeconds = 0.01 }.Problems());
    }
}
