using Microsoft.Extensions.Time.Testing;
using Sweep.Dashboard.Access;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

public sealed class FailedLoginTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public void PauseOf_FailuresInARow_GrowsToAnHourForThisUserFromThisNetwork()
    {
        var failures = new FailedLogins(_time);
        var pauses = new List<double?>();
        for (var number = 0; number < 13; number++)
        {
            failures.Fail("ada", "10.0.0.1");
            var pause = failures.PauseOf("ada", "10.0.0.1");
            pauses.Add(pause?.TotalMinutes);
            _time.Advance(pause ?? TimeSpan.Zero);
        }

        Assert.Equal([null, null, null, null, 1, 2, 4, 8, 16, 32, 60, 60, 60], pauses);
        failures.Fail("ada", "10.0.0.1");
        Assert.NotNull(failures.PauseOf("ada", "10.0.0.1"));
        Assert.Null(failures.PauseOf("ada", "10.0.0.2"));
        Assert.Null(failures.PauseOf("bob", "10.0.0.1"));
    }

    [Fact]
    public void PauseOf_AfterASuccessOrALongTime_BeginsAgain()
    {
        var failures = new FailedLogins(_time);
        for (var number = 0; number < FailedLogins.Free - 1; number++)
            failures.Fail("ada", "here");
        failures.Succeed("ada", "here");
        failures.Fail("ada", "here");
        Assert.Null(failures.PauseOf("ada", "here"));
        for (var number = 0; number < FailedLogins.Free - 2; number++)
            failures.Fail("ada", "here");
        _time.Advance(TimeSpan.FromHours(3));
        failures.Fail("ada", "here");
        Assert.Null(failures.PauseOf("ada", "here"));
    }

    [Fact]
    public void Fail_AnotherKeyInTheSamePlace_EndsNoPause()
    {
        var failures = new FailedLogins(_time, places: 1);
        for (var number = 0; number < FailedLogins.Free; number++)
            failures.Fail("ada", "here");

        failures.Fail("bob", "here");
        failures.Succeed("bob", "here");

        Assert.Equal(TimeSpan.FromMinutes(1), failures.PauseOf("ada", "here"));
        Assert.Null(failures.PauseOf("bob", "here"));
    }
}
