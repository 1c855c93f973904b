using System.Diagnostics;
using System.Globalization;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>The broker killed while a sweep runs and others are submitted.</summary>
[Collection(nameof(FaultCollection))]
public sealed class BrokerFaultTests(FaultServers servers)
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_RabbitMqKilledForTwentySeconds_LosesNothing()
    {
        var cluster = await servers.ReadyAsync(FaultSettings.Standard, SiloKind.Both, SiloKind.Both, SiloKind.Both);
        using var folder = new TemporaryFolder();
        var running = await cluster.SubmitAsync();
        await cluster.WaitAtWorkAsync(running);
        var submitted = new[] { cluster.NewSweep(), cluster.NewSweep() };

        await servers.RabbitMq.KillAsync();
        var variables = await MessagingVariablesAsync();
        var submissions = submitted.Select(sweep =>
            CliProcess.Start(folder.Path, variables, "submit", folder.Write($"{sweep.Name}.yaml", FaultPlan.Text(sweep.Name)), "--via", "queue", "--timeout", "90")).ToArray();
        await Task.Delay(Away, Token);
        Assert.All(submissions, submission => Assert.False(submission.HasExited, submission.Error));
        await servers.RabbitMq.StartAgainAsync(Token);

        foreach (var submission in submissions)
        {
            (await submission.EndAsync()).Expect(0);
            submission.Dispose();
        }

        foreach (var sweep in submitted.Prepend(running))
            await cluster.AssertUndisturbedAsync(sweep);
        await EmptyOutboxAsync(cluster);
    }

    /// <summary>What was to be told while the broker was away is told.</summary>
    private static async Task EmptyOutboxAsync(FaultCluster cluster)
    {
        for (var start = Stopwatch.GetTimestamp(); (await cluster.Store.ReadOutboxBacklogAsync(Token)).Count is > 0 and var waiting; await Task.Delay(100, Token))
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"{waiting} events wait {Patience.TotalSeconds} s after the broker was back");
    }

    private async Task<(string, string)[]> MessagingVariablesAsync()
    {
        var broker = await servers.RabbitMq.AddressAsync();
        var user = broker.UserInfo.Split(':');
        return
        [
            ("Sweep__Messaging__Host", broker.Host),
            ("Sweep__Messaging__Port", broker.Port.ToString(CultureInfo.InvariantCulture)),
            ("Sweep__Messaging__Username", user[0]),
            ("Sweep__Messaging__Password", user[1]),
        ];
    }
}
