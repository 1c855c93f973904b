using System.Text.Json;
using Sweep.EndToEnd.Tests.Faults;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Hosting.Messaging.Local;
using Sweep.Persistence.Postgres.Local;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests;

/// <summary>`sweep chaos` as a user types it.</summary>
public sealed class ChaosTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Chaos_SiloKilledAtWork_EndsWithTheEmbeddedRunsExport()
    {
        RequireServers();
        using var folder = new TemporaryFolder();
        var plan = folder.Write("plan.yaml", FaultPlan.Text());

        var outcome = (await CliProcess.RunAsync(Fixtures.Root, "chaos", "--plan", plan, "--silos", "3", "--kills", "1", "--every", "1", "--json")).Expect(0);

        using var report = JsonDocument.Parse(outcome.Output);
        var root = report.RootElement;
        Assert.True(root.GetProperty("passed").GetBoolean());
        Assert.True(root.GetProperty("export_equal").GetBoolean());
        Assert.True(root.GetProperty("audit").GetProperty("clean").GetBoolean());
        Assert.Equal(20, root.GetProperty("audit").GetProperty("sample").GetProperty("equal").GetInt32());
        var kill = Assert.Single(root.GetProperty("kills").EnumerateArray(), kill => kill.GetProperty("counts").GetBoolean());
        Assert.StartsWith("silo-", kill.GetProperty("victim").GetString(), StringComparison.Ordinal);
        Assert.NotEqual(0, kill.GetProperty("batches").GetArrayLength());
        Assert.InRange(kill.GetProperty("seconds_to_release").GetDouble(), 0, root.GetProperty("seconds").GetDouble());
    }

    [Fact]
    public async Task Chaos_SweepOverBeforeTheKills_Fails()
    {
        RequireServers();
        using var folder = new TemporaryFolder();
        var plan = folder.Write("plan.yaml", FaultPlan.Text());

        var outcome = (await CliProcess.RunAsync(Fixtures.Root, "chaos", "--plan", plan, "--items", "1", "--silos", "1", "--kills", "1", "--every", "3600")).Expect(1);

        Assert.Contains("found 0 kills of silos at work, expected 1", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("equals the embedded run's", outcome.Output, StringComparison.Ordinal);
        var logs = outcome.Error.TrimEnd('\n').Split(" are in ")[^1];
        Assert.True(File.Exists(Path.Combine(logs, "silo-1.log")), logs);
        Directory.Delete(logs, recursive: true);
    }

    [Fact]
    public async Task Chaos_Interrupted_EndsEveryProcessItStarted()
    {
        RequireServers();
        using var folder = new TemporaryFolder();
        var plan = folder.Write("plan.yaml", FaultPlan.Text());
        using var cli = CliProcess.Start(Fixtures.Root, "chaos", "--plan", plan, "--items", "1", "--silos", "2");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var until = DateTime.UtcNow + Patience;
        while (!cli.Error.Contains("starting 2 silos", StringComparison.Ordinal) || Children(cli.Id).Length < Servers + 2)
        {
            Assert.False(cli.HasExited, cli.Error);
            Assert.True(DateTime.UtcNow < until, $"no silos in {Patience.TotalMinutes} minutes:\n{cli.Error}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        var children = Children(cli.Id);
        cli.Interrupt();

        (await cli.EndAsync()).Expect(130);
        Assert.DoesNotContain(children, child => Directory.Exists($"/proc/{child}"));
    }

    /// <summary>PostgreSQL, RabbitMQ and Erlang's port mapper.</summary>
    private const int Servers = 3;

    private static int[] Children(int parent) =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, null)).Where(process => ParentOf(process) == parent),
    ];

    private static int? ParentOf(int process)
    {
        try
        {
            // The program's name, in parentheses, may hold anything.
            return int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void RequireServers()
    {
        if (LocalPostgres.IsInstalled && LocalRabbitMq.IsInstalled)
            return;
        const string Missing = "sweep chaos: found no programs of PostgreSQL or RabbitMQ, expected both on this machine (build/servers.sh)";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(Missing);
        Assert.Skip(Missing);
    }
}
