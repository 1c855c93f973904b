using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

/// <summary>Channels that a plan takes from a bottleneck file.</summary>
public sealed class BottleneckFilePlanTests
{
    [Fact]
    public void Read_File_NeedsNeitherLayerNorSite()
    {
        var bottleneck = Assert.Single(PlanReader.Read(Plan("channels: { file: found.json }"), "p").Bottlenecks);

        Assert.Equal(new ChannelsPlan { File = "found.json" }, bottleneck.Channels);
        Assert.Null(bottleneck.Layer);
    }

    [Theory]
    [InlineData("channels: { file: found.json }, layer: 8", "bottlenecks[0].layer: found layer beside a bottleneck file, expected none")]
    [InlineData("channels: { file: found.json }, depth: 0.5", "bottlenecks[0].depth: found depth beside a bottleneck file, expected none")]
    [InlineData("channels: { file: found.json }, site: MixerOutput", "bottlenecks[0].site: found a site beside a bottleneck file, expected the file to say it")]
    [InlineData("channels: { file: \"\" }", "bottlenecks[0].channels.file: found no name, expected a bottleneck file")]
    [InlineData("channels: { file: found.json, random: 3, seeds: [1] }", "bottlenecks[0].channels: found several recipes, expected exactly one of")]
    public void Read_FileBesideWhatItSays_IsRefused(string fields, string problem) =>
        Assert.Contains(PlanTexts.Problems(Plan(fields)), found => found.Contains(problem, StringComparison.Ordinal));

    private static string Plan(string fields) => $$"""
        name: p
        models: [m]
        benchmarks: [{ name: squad, data: d }]
        bottlenecks: [{ name: b, {{fields}} }]
        scalars: [2]
        """;
}
