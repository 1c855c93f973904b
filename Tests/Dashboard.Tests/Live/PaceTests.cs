using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Grains;
using Sweep.Dashboard.Live;
using Xunit;

namespace Sweep.Dashboard.Tests.Live;

public sealed class PaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void After_RowsPerSecond_ArePacedOverTheLastMinute()
    {
        var pace = Pace.Begin(Status(0), _time);
        for (var second = 1; second <= 100; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            // Ten a second at first, then twenty: what is long ago does not count.
            pace = pace.After(Status(second <= 30 ? 10 * second : 300 + (20 * (second - 30))), _time);
        }

        Assert.Equal(20, pace.RowsPerSecond!.Value, 6);
        Assert.Equal(TimeSpan.FromSeconds((10_000 - 1_700) / 20.0), pace.Left);
    }

    [Fact]
    public void After_NothingDone_KnowsNoPace()
    {
        var pace = Pace.Begin(Status(0), _time);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(pace.After(Status(0), _time).Left);
    }

    [Fact]
    public void After_StageBeginsAnew_CountsFromThere()
    {
        var pace = Pace.Begin(Status(500), _time);
        _time.Advance(TimeSpan.FromSeconds(1));
        pace = pace.After(Status(0), _time);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(5, pace.After(Status(10), _time).RowsPerSecond!.Value, 6);
    }

    private static SweepStatus Status(long done) => new() { SweepId = "s", State = "Running", RowsDone = done, RowsTotal = 10_000 };
}
