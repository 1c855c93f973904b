using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests;

/// <summary>What a shell sees of a refusal, one of each kind; every broken input there is a test for is in Cli.Tests.</summary>
public sealed class ExitCodeTests
{
    private const string Plan = """
        name: broken
        models: ['MODEL']
        benchmarks: [{ name: squad, data: 'DATA', items: 4 }]
        bottlenecks: [{ name: one, layer: LAYER, channels: [3, 5] }]
        scalars: [0.5]
        controls: off
        """;

    [Theory]
    [InlineData("frobnicate", "sweep: Unrecognized command or argument 'frobnicate'.")]
    [InlineData("list --store none.db", "sweep: none.db: found no store")]
    [InlineData("run misspelled.yaml", "sweep: misspelled.yaml:5:1: found unknown field 'scalers'")]
    [InlineData("run layer.yaml", "bottlenecks[0] (one).layer: found 12 of model")]
    public async Task Command_Refused_EndsWithTwoAndOneMessage(string command, string message)
    {
        using var folder = new TemporaryFolder();
        var plan = Plan.Replace("MODEL", Fixtures.Shipped("models", "mamba-mini"), StringComparison.Ordinal).Replace("DATA", SmallPlan.Benchmark("squad.json"), StringComparison.Ordinal);
        folder.Write("misspelled.yaml", plan.Replace("scalars", "scalers", StringComparison.Ordinal).Replace("LAYER", "8", StringComparison.Ordinal));
        folder.Write("layer.yaml", plan.Replace("LAYER", "12", StringComparison.Ordinal));

        var outcome = (await CliProcess.RunAsync(folder.Path, command.Split(' '))).Expect(2);

        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }
}
