using System.Diagnostics;
using Sweep.Contracts.Diagnostics;
using Xunit;

namespace Sweep.Contracts.Tests.Diagnostics;

public sealed class SweepTraceTests : IDisposable
{
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == SweepTrace.SourceName,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    [Fact]
    public void ContextOf_ASweep_IsTheSameInEveryProcessAndAnotherForEverySweep()
    {
        // Pinned: processes of different versions continue each other's traces.
        var context = SweepTrace.ContextOf("demo-0123456789abcdef");
        Assert.Equal("9b5037aa8f717722a7c27feac3fac4f8", context.TraceId.ToHexString());
        Assert.NotEqual(context.TraceId, SweepTrace.ContextOf("demo-0123456789abcdee").TraceId);
        Assert.Equal(ActivityTraceFlags.Recorded, context.TraceFlags);
    }

    [Fact]
    public void Start_WithinASpanOfTheSameSweep_GoesBelowIt()
    {
        ActivitySource.AddActivityListener(_listener);
        using var batch = SweepTrace.Start("sweep.batch", "s")!;
        using var record = SweepTrace.Start("sweep.record", "s")!;
        Assert.Equal(SweepTrace.ContextOf("s").SpanId, batch.ParentSpanId);
        Assert.Equal((batch.TraceId, batch.SpanId), (record.TraceId, record.ParentSpanId));
        Assert.Empty(record.Links);
        Assert.Equal("s", record.GetTagItem("sweep.id"));
    }

    [Fact]
    public void Start_WithinASpanOfSomethingElse_StaysInItsOwnTraceAndLinksTheOther()
    {
        ActivitySource.AddActivityListener(_listener);
        using var request = new Activity("request").Start();
        using var submit = SweepTrace.Start("sweep.submit", "s")!;
        Assert.Equal(SweepTrace.ContextOf("s").TraceId, submit.TraceId);
        Assert.Equal(request.Context, Assert.Single(submit.Links).Context);
    }

    [Fact]
    public void Start_WithoutAListener_IsNothing() => Assert.Null(SweepTrace.Start("sweep.batch", "s"));

    public void Dispose() => _listener.Dispose();
}
