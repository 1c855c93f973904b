using System.Text.Json;
using Sweep.Cluster.Tests.Processes;
using Xunit;

namespace Sweep.Cluster.Tests.Operations;

[Collection(RunningCluster.Name)]
public sealed class WorkersCommandTests(RunningCluster running)
{
    [Fact]
    public async Task Workers_InJson_ListsSilosWithTheFactsOfTheirDevices()
    {
        await using var command = await BuiltProgram.RunAsync("Cli", running.Cluster.ClientVariables, "workers", "--json");
        await command.ExpectExitAsync(0);
        var silos = JsonDocument.Parse(command.Output).RootElement.EnumerateArray().ToDictionary(silo => silo.GetProperty("name").GetString()!);
        Assert.Equal(["coordinator", "worker"], silos.Keys.Order());
        Assert.Empty(silos["coordinator"].GetProperty("workers").EnumerateArray());
        var worker = Assert.Single(silos["worker"].GetProperty("workers").EnumerateArray());
        Assert.Equal($"{silos["worker"].GetProperty("address").GetString()}/cpu:0", worker.GetProperty("worker_id").GetString());
        Assert.Equal("cpu", worker.GetProperty("facts").GetProperty("kind").GetString());
        Assert.True(worker.GetProperty("facts").GetProperty("memory_bytes").GetInt64() > 0);
        Assert.Equal(64, worker.GetProperty("resident_model").GetString()!.Length);
        Assert.Equal(TinyPlan.Rows(RunningCluster.Items), worker.GetProperty("rows_done").GetInt64());
        Assert.False(worker.GetProperty("draining").GetBoolean());
    }

    [Theory]
    [InlineData("drain: expected a worker, or --silo with a silo ('sweep workers' shows both)")]
    [InlineData("drain: 'nobody' names 0 of 1 workers, expected one ('sweep workers' shows them)", "nobody")]
    [InlineData("drain: 'nobody' names 0 of 2 silos, expected one ('sweep workers' shows them)", "--silo", "nobody")]
    public async Task Drain_OfNobody_IsRefusedWithOneMessage(string expected, params string[] arguments)
    {
        await using var command = await BuiltProgram.RunAsync("Cli", running.Cluster.ClientVariables, ["drain", .. arguments]);
        await command.ExpectExitAsync(2);
        Assert.Equal($"sweep: {expected}\n", command.Error);
    }

    [Fact]
    public async Task Workers_WithoutACluster_SaysThatNoSiloAnswered()
    {
        var nowhere = new Dictionary<string, string> { ["Sweep__Silo__GatewayPort"] = "1", ["Sweep__Client__ConnectSeconds"] = "1" };
        await using var command = await BuiltProgram.RunAsync("Cli", nowhere, "workers");
        await command.ExpectExitAsync(2);
        Assert.StartsWith("sweep: no silo answered (cluster sweep, 127.0.0.1:1): ", command.Error, StringComparison.Ordinal);
        Assert.Single(command.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
