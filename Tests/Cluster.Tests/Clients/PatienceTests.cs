using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Sweep.Hosting.Clustering;
using Xunit;

namespace Sweep.Cluster.Tests.Clients;

public sealed class PatienceTests
{
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };

    [Fact]
    public async Task Call_ThatLosesItsSiloTwice_IsMadeThreeTimes()
    {
        var calls = new PatientCalls(Substitute.For<IClusterClient>(), _time);
        var made = 0;
        var answer = calls.CallAsync(_ => ++made < 3 ? throw new SiloUnavailableException() : Task.FromResult(made), TestContext.Current.CancellationToken);
        Assert.Equal(3, await AdvanceAsync(answer));
    }

    [Fact]
    public async Task Call_ThatIsNeverAnswered_EndsWithTheLastFailureAfterFourTries()
    {
        var calls = new PatientCalls(Substitute.For<IClusterClient>(), _time);
        var made = 0;
        await Assert.ThrowsAsync<TimeoutException>(() => AdvanceAsync(calls.CallAsync<int>(_ => throw new TimeoutException($"{++made}"), TestContext.Current.CancellationToken)));
        Assert.Equal(4, made);
    }

    [Fact]
    public async Task Call_ThatFailsInItsGrain_IsMadeOnce()
    {
        var calls = new PatientCalls(Substitute.For<IClusterClient>(), _time);
        var made = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => calls.CallAsync<int>(_ => throw new InvalidOperationException($"{++made}"), TestContext.Current.CancellationToken));
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task Connection_ThatNobodyTakes_IsTriedUntilItsTimeIsUp()
    {
        var patience = new ConnectionPatience(_time, TimeSpan.FromSeconds(1));
        var tries = 0;
        while (await AdvanceAsync(patience.ShouldRetryConnectionAttempt(new SiloUnavailableException(), TestContext.Current.CancellationToken)))
            tries++;
        Assert.Equal(4, tries);
    }

    /// <summary>Moves the clock until the task ends.</summary>
    private async Task<T> AdvanceAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await task;
    }
}
