using System.Text.Json;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests;

/// <summary>The positive and the negative control of the demonstration, on the benchmark that they are about.</summary>
public sealed class PlantedBottleneckTests
{
    private const string Plan = """
        name: positive-control
        models: [MODEL]
        benchmarks: [{ name: triviaqa, data: DATA }]
        bottlenecks:
          - { name: planted, layer: 8, channels: [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185] }
          - { name: random, layer: 8, random: 16, seeds: [101] }
        scalars: [0.05, 0.2, 1, 2]
        controls: { random: 4 }
        """;

    [Fact]
    public async Task Run_PlantedModel_FindsThePlantedChannelsAndNothingInRandomOnes()
    {
        using var folder = new TemporaryFolder();
        folder.Write("plan.yaml", Plan
            .Replace("MODEL", Fixtures.Shipped("models", "mamba-mini-planted"), StringComparison.Ordinal)
            .Replace("DATA", SmallPlan.Benchmark("triviaqa.json"), StringComparison.Ordinal));

        var outcome = (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml", "--json")).Expect(0);

        using var summary = JsonDocument.Parse(outcome.Output);
        var rows = summary.RootElement.GetProperty("rows").EnumerateArray().ToDictionary(row => row.GetProperty("bottleneck").GetString()!.Split(' ')[0]);
        var planted = rows["planted"];
        Assert.InRange(planted.GetProperty("scalar").GetDouble(), 0, 0.2);
        Assert.InRange(planted.GetProperty("steered").GetDouble(), 0.95, 1);
        Assert.InRange(planted.GetProperty("mcnemar_p").GetDouble(), 0, 0.001);
        Assert.Equal(1, planted.GetProperty("control_rank").GetInt32());
        Assert.True(planted.GetProperty("receipt").GetProperty("fired").GetBoolean());
        var random = rows["random"];
        Assert.InRange(random.GetProperty("effect_low").GetDouble(), -1, 0);
        Assert.InRange(random.GetProperty("effect_high").GetDouble(), 0, 1);

        var cell = summary.RootElement.GetProperty("cells").EnumerateArray().Single(cell =>
            cell.GetProperty("bottleneck").GetString() == "planted" && !cell.TryGetProperty("control_index", out _) && cell.GetProperty("scalar").GetDouble() == 0.05);
        foreach (var field in (string[])["n", "baseline", "steered", "effect", "interval", "p", "control_rank", "receipt"])
            Assert.NotEqual(JsonValueKind.Null, cell.GetProperty(field).ValueKind);
    }
}
