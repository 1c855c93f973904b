using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class BatchSizerTests
{
    private readonly BatchSizer _sizer = new(new BatchPlannerOptions());

    [Fact]
    public void Next_OfMuchWork_IsABatchOfTheTargetForEveryWorker()
    {
        var sizing = _sizer.Next([1e15], 0, [1e10], new DeviceSupply(Workers: 200));
        Assert.Equal((200, 15.0, 2.0), (sizing.Batches, sizing.BatchSeconds, sizing.MicroBatchSeconds));
        Assert.Equal([1e10], sizing.MultiplyAddsPerSecond);
    }

    [Fact]
    public void Next_TowardsTheEnd_IsHalfOfAWorkersShareOfWhatIsLeft()
    {
        // 2000 s for 200 workers.
        Assert.Equal(5, _sizer.Next([2e13], 0, [1e10], new DeviceSupply(200)).BatchSeconds);
        var last = _sizer.Next([1e11], 0, [1e10], new DeviceSupply(200));
        Assert.Equal((1.0, 1.0), (last.BatchSeconds, last.MicroBatchSeconds));
    }

    [Fact]
    public void Next_WhereLeasesAreDear_IsWorthOne()
    {
        Assert.Equal(4, _sizer.Next([1e11], 0, [1e10], new DeviceSupply(200), leaseSeconds: 0.4).BatchSeconds);
        Assert.Equal(15, _sizer.Next([1e11], 0, [1e10], new DeviceSupply(200), leaseSeconds: 9).BatchSeconds);
    }

    [Fact]
    public void Next_OfFewWorkers_IsForMoreToCome() => Assert.Equal(10.0, _sizer.Next([1.6e12], 0, [1e10], new DeviceSupply(1)).BatchSeconds);

    [Fact]
    public void Next_WithoutAMeasuredSpeed_IsOneBatchAWorkerAtAnAssumedSpeed()
    {
        var sizing = _sizer.Next([1e15, 1e15], 0, [null, 1e10], new DeviceSupply(200));
        Assert.Equal((200, 15.0, 0.8), (sizing.Batches, sizing.BatchSeconds, sizing.Spread));
        Assert.Equal([2e10, 1e10], sizing.MultiplyAddsPerSecond);
        // Those who have one bring the speed.
        Assert.Equal(20, _sizer.Next([1e15], 0, [null], new DeviceSupply(200), open: 180).Batches);
        Assert.Equal(4, _sizer.Next([1e15], 0, [null], new DeviceSupply(200), open: 200).Batches);
        // Only the model that comes next has to be known.
        var known = _sizer.Next([1e15, 1e15], 1, [null, 1e10], new DeviceSupply(200), open: 180);
        Assert.Equal((200, 0.4), (known.Batches, known.Spread));
    }

    [Fact]
    public void SecondsOf_ManyNumbers_FillTheRangeEvenlyAroundTheMean()
    {
        var sizing = _sizer.Next([1e15], 0, [1e10], new DeviceSupply(200));
        var seconds = Enumerable.Range(37, 200).Select(sizing.SecondsOf).Order().ToArray();
        Assert.Equal(15.0, seconds.Average(), tolerance: 0.05);
        Assert.InRange(seconds[0], 9, 9.1);
        Assert.InRange(seconds[^1], 20.9, 21);
        Assert.All(seconds.Zip(seconds.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 0, 0.2));
        // Towards the end they differ by themselves.
        Assert.Equal(5.0, _sizer.Next([2e13], 0, [1e10], new DeviceSupply(200)).SecondsOf(1));
    }

    [Theory]
    [InlineData(null, 4, 0, 1)]
    [InlineData(null, 4, 32, 1)]
    [InlineData(1e10, 4, 0, 4)]
    [InlineData(1e10, 4, 32, 32)]
    [InlineData(1e10, 200, 32, 200)]
    public void Ahead_IsOneAWorkerOrWhatIsAskedFor_OnceTheSpeedIsKnown(double? speed, int workers, int asked, int ahead) =>
        Assert.Equal(ahead, new BatchSizer(new BatchPlannerOptions { BatchesAhead = asked }).Ahead(speed, workers));

    [Fact]
    public void Next_OnAnAccelerator_TakesItsAssumedSpeedAndMoreMemory()
    {
        var sizing = _sizer.Next([1e18], 0, [null], new DeviceSupply(1, IsAccelerator: true, MemoryBytes: 80L << 30));
        Assert.Equal((20 * 32_768L, 2e13), (sizing.MaxRowTokens, sizing.MultiplyAddsPerSecond[0]));
        Assert.Equal(32_768, _sizer.Next([1e18], 0, [null], new DeviceSupply(1, IsAccelerator: true)).MaxRowTokens);
        Assert.Equal(32_768, _sizer.Next([1e18], 0, [null], new DeviceSupply(1, MemoryBytes: 80L << 30)).MaxRowTokens);
    }

    [Fact]
    public void SpeedMeter_OfSeveralModels_TellsEachAfterTwoPiecesAndForgetsSlowly()
    {
        var meter = new SpeedMeter();
        meter.Add("m", 100, 1);
        Assert.Null(meter.Of("m"));
        meter.Add("m", 300, 1);
        meter.Add("other", 1, 1);
        meter.Add("m", 0, 5);
        meter.Add("m", 5, 0);
        Assert.Equal((200.0, null), (meter.Of("m"), meter.Of("other")));
        Assert.Equal(["m"], meter.Known);
        for (var piece = 0; piece < 1000; piece++)
            meter.Add("m", 1000, 1);
        Assert.InRange(meter.Of("m")!.Value, 990, 1000);
    }
}
