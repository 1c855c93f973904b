using System.Net;
using System.Net.Sockets;
using Sweep.Cluster.Tests.Processes;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cluster.Tests.Settings;

/// <summary>A silo that cannot work says so and ends with 2: one line a problem, no stack trace.</summary>
public sealed class RefusalTests
{
    [Fact]
    public Task Silo_OnAnAddressThatOthersReach_NeedsAnInternalNetwork() => ExpectAsync(
        "Sweep:Network:Address is 10.1.2.3, where everybody on that network reaches the silo: expected a loopback address, or Sweep:Network:Internal (environment variable Sweep__Network__Internal)=true on a network that only the cluster reaches",
        ("Sweep__Network__Address", "10.1.2.3"));

    [Fact]
    public Task Silo_WithADashboardBeyondLoopback_NeedsItsToken() => ExpectAsync(
        "Sweep:OrleansDashboard:Token (environment variable Sweep__OrleansDashboard__Token) is empty while Sweep:OrleansDashboard:Enabled and Sweep:Network:Internal are true: expected a token, because pages for people never listen beyond loopback without authentication",
        ("Sweep__OrleansDashboard__Enabled", "true"),
        ("Sweep__Network__Internal", "true"));

    [Fact]
    public Task Silo_WithoutItsDatabase_SaysWhichVariableIsEmpty() => ExpectAsync(
        "Sweep:Store:ConnectionString (Sweep__Store__ConnectionString): found nothing, expected 'Host=...;Port=5432;Database=...;Username=...;Password=...'",
        ("Sweep__Store__Provider", "postgres"),
        ("Sweep__Silo__Clustering", "postgres"));

    [Fact]
    public async Task Silo_WithADatabaseThatDoesNotAnswer_SaysSo()
    {
        await using var silo = SiloProcess.Start("refused", new Dictionary<string, string>
        {
            ["Sweep__Store__Provider"] = "postgres",
            ["Sweep__Silo__Clustering"] = "postgres",
            ["Sweep__Store__ConnectionString"] = "Host=127.0.0.1;Port=1;Username=app;Password=secret;Database=none",
        });
        await silo.ExpectExitAsync(2);
        Assert.StartsWith("sweep-silo: the store 127.0.0.1:1/none did not answer: ", Assert.Single(silo.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", silo.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_OnAPortThatIsTaken_NamesTheSettingOfThePort()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await ExpectAsync(
            $"Sweep:Network:HttpPort (environment variable Sweep__Network__HttpPort) is {port}, which another process listens on: expected a free port, or 0 to take any",
            ("Sweep__Network__HttpPort", $"{port}"));
    }

    [Fact]
    public async Task Silo_WhoseStoreAnotherProcessHas_NamesItsHolder()
    {
        using var folder = new TemporaryFolder();
        var store = Path.Combine(folder.Path, "sweep.db");
        await using var first = SiloProcess.Start("first", Alone(store));
        await first.ReadyAsync();
        await using var second = SiloProcess.Start("second", Alone(store));
        await second.ExpectExitAsync(2);
        Assert.StartsWith($"sweep-silo: {store}: found it in use by process ", second.Error, StringComparison.Ordinal);
        first.Send(Signal.Terminate);
        await first.ExpectExitAsync(0);
    }

    private static Dictionary<string, string> Alone(string store) => new()
    {
        ["Sweep__Store__Path"] = store,
        ["Sweep__Network__HttpPort"] = "0",
        ["Sweep__Files__Roots"] = Fixtures.Root,
    };

    private static async Task ExpectAsync(string problem, params (string Name, string Value)[] variables)
    {
        await using var silo = SiloProcess.Start("refused", variables.ToDictionary(variable => variable.Name, variable => variable.Value));
        await silo.ExpectExitAsync(2);
        Assert.Equal($"sweep-silo: {problem}\n", silo.Error);
        Assert.Equal("", silo.Output);
    }
}
