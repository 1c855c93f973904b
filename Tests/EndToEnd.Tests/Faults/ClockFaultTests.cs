using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>A silo whose wall clock is an hour wrong: leases run on monotonic clocks, so nothing is to change.</summary>
[Collection(nameof(FaultCollection))]
public sealed class ClockFaultTests(FaultServers servers)
{
    [Theory]
    [InlineData("+1h")]
    [InlineData("-1h")]
    public async Task Sweep_OneSilosClockAnHourWrong_EndsAsUndisturbed(string offset)
    {
        _ = FakeTime.Library();
        var wrong = SiloKind.Both with { ClockOffset = offset };
        var cluster = await servers.ReadyAsync(FaultSettings.Standard, SiloKind.Both, SiloKind.Both, wrong);
        var silo = cluster.Single(wrong);
        var sweep = await cluster.SubmitAsync();
        var view = await cluster.WaitAtWorkAsync(sweep);
        if (!view.LeasedTo(silo).Any())
        {
            // It is slower than the others, and is to have work before they have done all of it.
            foreach (var other in cluster.Silos.Where(one => one != silo))
                await cluster.TerminateAsync(other);
        }

        var audit = await cluster.AssertUndisturbedAsync(sweep);
        Assert.False(silo.HasExited, silo.LogEnd());
        Assert.Contains(audit.Attempts, attempt => silo.Owns(attempt.WorkerId) && attempt.RowsAccepted > 0);
    }
}
