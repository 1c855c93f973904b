using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>`sweep identify`, `sweep ablate` and `sweep patch` as a user meets them.</summary>
[Collection(Terminal.Collection)]
public sealed class IdentifyCommandTests : IDisposable
{
    private const string Texts = "--texts ./text.jsonl --half calibration --documents 3 --max-tokens 40";

    private readonly Inputs _inputs = new();

    [Fact]
    public async Task Identify_OverTextsAndItems_WritesFilesThatPlansCanName()
    {
        var outcome = (await RunAsync($"identify ./model {Texts} --layers 11 --sites MixerOutput --top 5 --benchmark triviaqa=@/triviaqa.json --items 1 --scalars 2 --out ./found")).Done();

        Assert.Contains("layer 11 MixerOutput by scaling: 5 of 192 channels", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("overlap (Jaccard): variance ", outcome.Output, StringComparison.Ordinal);
        string[] recipes = ["ablation", "kurtosis", "mean_ablation", "mean_absolute", "scaling", "variance"];
        Assert.Equal(
            recipes.Select(recipe => $"model-layer11-MixerOutput-{recipe}.json"),
            Directory.EnumerateFileSystemEntries(_inputs.At("found")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        var file = JsonSerializer.Deserialize<BottleneckFile>(await File.ReadAllTextAsync(_inputs.At("found/model-layer11-MixerOutput-scaling.json"), TestContext.Current.CancellationToken), SweepJson.Options)!;
        _inputs.Write("plan.yaml", Inputs.Plan.Replace("layer: 8, channels: [3, 5]", "channels: { file: found/model-layer11-MixerOutput-scaling.json }", StringComparison.Ordinal));
        var plan = (await RunAsync("plan ./plan.yaml --store ./s.db")).Done();
        Assert.Contains("layer 11 MixerOutput (5 channels), scaling, by found/model-layer11-MixerOutput-scaling.json", plan.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal(5, file.Channels.Count);
    }

    [Fact]
    public async Task Identify_Json_IsTheWholeResult()
    {
        var outcome = (await RunAsync($"identify ./model {Texts} --layers 11 --sites Delta --by variance --attention-map 2 --json")).Done();

        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal(12, json.RootElement.GetProperty("layers").GetArrayLength());
        var map = Assert.Single(json.RootElement.GetProperty("attention_maps").EnumerateArray());
        Assert.Equal(40, map.GetProperty("map").GetArrayLength());
        Assert.Equal(40, map.GetProperty("map")[39].GetArrayLength());
        var bottleneck = Assert.Single(json.RootElement.GetProperty("bottlenecks").EnumerateArray());
        Assert.Equal(384, bottleneck.GetProperty("scores").GetArrayLength());
    }

    [Fact]
    public async Task Patch_PositionByPosition_DrawsMapsAndWritesTheResult()
    {
        _inputs.Write("pairs.jsonl", """{"clean": "Question: Wells a", "corrupted": "Question: Ripon a", "answer": " Noah", "other": " Iris"}""");

        var outcome = (await RunAsync("patch ./model --pairs ./pairs.jsonl --sites MixerOutput --positions groups --out ./made/patched.json")).Done();

        Assert.Contains("Necessity, MixerOutput, whole, position by layer", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Sufficiency, MixerOutput, whole, position by layer", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("subject_first", outcome.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(_inputs.At("made/patched.json"), TestContext.Current.CancellationToken));
        var map = Assert.Single(json.RootElement.GetProperty("maps").EnumerateArray());
        Assert.Equal(12, map.GetProperty("necessity").GetArrayLength());
        Assert.Equal(5, map.GetProperty("sufficiency")[0].GetArrayLength());
        Assert.Equal("subject", json.RootElement.GetProperty("positions")[0].GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("identify ./model", "Option '--texts' is required")]
    [InlineData("identify ./nowhere --texts ./text.jsonl", "model: folder ")]
    [InlineData("identify ./model --texts ./none.txt", "texts: file ")]
    [InlineData("identify ./model --texts ./text.jsonl --layers 12", "layers: found 12, expected 0..11")]
    [InlineData("identify ./model --texts ./text.jsonl --layers x", "--layers: found 'x', expected whole numbers with commas between them, or all")]
    [InlineData("identify ./model --texts ./text.jsonl --sites Nose", "sites: found 'Nose', expected some of ResidualPre")]
    [InlineData("identify ./model --texts ./text.jsonl --by beauty", "by: found 'beauty', expected some of variance")]
    [InlineData("identify ./model --texts ./text.jsonl --by scaling", "by: found 'scaling', which is measured on items, and no benchmark")]
    [InlineData("identify ./model --texts ./text.jsonl --top 0", "--top: found '0', expected a whole number of at least 1")]
    [InlineData("identify ./model --texts ./text.jsonl --top 500", "top: found 500, expected 1 to 192, the width of MixerOutput")]
    [InlineData("identify ./model --texts ./text.jsonl --scalars 2,x", "--scalars: found 'x', expected finite numbers with commas between them")]
    [InlineData("identify ./model --texts ./text.jsonl --selection 1", "--selection, --validation: found 1 and 0")]
    [InlineData("identify ./model --texts ./text.jsonl --benchmark squad", "--benchmark: found 'squad', expected NAME=FILE")]
    [InlineData("identify ./model --texts ./text.jsonl --documents 2 --attention-map 3", "attention-map: found document 3, expected 1 to 2")]
    [InlineData("identify ./model --texts ./text.jsonl --precision fp8", "--precision: found 'fp8', expected fp32, tf32, bf16 or fp16")]
    [InlineData("ablate ./model --texts ./text.jsonl --bottleneck ./text.jsonl", "is no bottleneck file")]
    [InlineData("patch ./model --pairs ./none.jsonl", "pairs: file ")]
    [InlineData("patch ./model --pairs ./none.jsonl --positions some", "--positions: found 'some', expected all, groups or each")]
    public async Task Command_ThatAsksForWhatCannotBe_IsRefused(string command, string message) => (await RunAsync(command)).Refuses(message);

    public void Dispose() => _inputs.Dispose();

    private Task<CommandOutcome> RunAsync(string command) => Terminal.RunAsync([.. _inputs.Words(command).Select(word => word.Replace("@", _inputs.At(""), StringComparison.Ordinal))]);
}
