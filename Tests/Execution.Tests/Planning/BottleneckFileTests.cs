using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Files;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Planning;

/// <summary>Plans whose channels come from a bottleneck file.</summary>
public sealed class BottleneckFileTests : IDisposable
{
    private readonly Workbench _bench = new();

    [Fact]
    public async Task ResolveAsync_File_SaysLayerSiteAndChannels()
    {
        Save(File());

        var bottleneck = (await _bench.ResolveAsync(Plan())).Bottlenecks[0];

        var part = Assert.Single(bottleneck.Interventions);
        Assert.Equal((4, "SsmOutput"), (part.Layer, part.Site));
        Assert.Equal([2, 11, 13], part.Channels);
        Assert.Equal("scaling, by found.json", bottleneck.Recipe);
        var ranked = Assert.Single(JsonSerializer.Deserialize<IdentifiedChannels>(_bench.Calibrations.OfSweeps[IdentifiedChannels.KeyOf(SweepIds.Of(Plan()))], SweepJson.Options)!.Ranked);
        Assert.Equal(("found.json", "scaling", 4, "SsmOutput"), (ranked.File, ranked.Recipe, ranked.Layer, ranked.Site));
        Assert.Equal(File().Scores.Select(score => (float?)score), ranked.Scores);
    }

    [Fact]
    public async Task ResolveAsync_FileOfAnotherModel_IsRefused()
    {
        Save(File() with { WeightsHash = "cafe" });

        await Refused($"bottlenecks[0] (b).channels.file: found channels of 'somebody' with weights cafe, expected those of model 'model', {Hash}");
    }

    [Theory]
    [InlineData("Site", "SsmState", "SsmState cannot be steered")]
    [InlineData("Layer", 6, "layer: found 6 of model 'model', expected 0..5")]
    [InlineData("Format", "sweep-bottleneck/2", "has format 'sweep-bottleneck/2', expected sweep-bottleneck/1")]
    public async Task ResolveAsync_FileThatDoesNotFit_IsRefused(string field, object value, string message)
    {
        Save(field switch
        {
            "Site" => File() with { Site = (string)value },
            "Layer" => File() with { Layer = (int)value },
            _ => File() with { Format = (string)value },
        });

        await Refused(message);
    }

    [Theory]
    [InlineData(new[] { 3, 3 }, "expected them ascending and distinct")]
    [InlineData(new[] { 3, 16 }, "found channel 16 of SsmOutput of model 'model', expected 0..15")]
    [InlineData(new int[0], "found 0 channels")]
    public async Task ResolveAsync_FileWithWrongChannels_IsRefused(int[] channels, string message)
    {
        Save(File() with { Channels = channels });

        await Refused(message);
    }

    [Theory]
    [InlineData("{", "is no bottleneck file")]
    [InlineData("{\"format\": \"sweep-bottleneck/1\"}", "is no bottleneck file")]
    [InlineData("null", "has format ''")]
    public async Task ResolveAsync_FileThatIsNone_IsRefused(string text, string message)
    {
        _bench.Write("found.json", text);

        await Refused(message);
    }

    [Theory]
    [InlineData("nowhere.json", "file 'nowhere.json' does not exist")]
    [InlineData("../../etc/hostname", "leads out of")]
    public async Task ResolveAsync_FileThatIsNotThere_IsRefused(string name, string message)
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan(name)));

        Assert.Contains(failure.Problems, problem => problem.StartsWith("bottlenecks[0] (b).channels.file: ", StringComparison.Ordinal) && problem.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResolveAsync_FileIdentifiedOnReportedItems_IsRefused()
    {
        // Of the groups 0 and 1 only 0 is of the selection split; two items are of each.
        Save(File("0", "1"));

        await Refused("bottleneck file 'found.json': found 2 items of benchmark 'qa' that it was identified on and that this plan reports on, expected its seed 7 and shares (selection 0.4, validation 0.1)");
    }

    [Fact]
    public async Task ResolveAsync_FileIdentifiedOnTheSelectionSplit_IsTaken()
    {
        Save(File("0", "2", "4"));

        Assert.NotEmpty((await _bench.ResolveAsync(Plan())).Bottlenecks);
    }

    [Fact]
    public async Task ResolveAsync_FileIdentifiedOnMeasuredTexts_IsRefused()
    {
        Save(File() with
        {
            Texts = new IdentificationTexts { DataHash = "t", MaxTokens = 8, Positions = 9, Documents = ["other", CalibrationText.HashOf(new string('c', 22))] },
        });

        await Refused("bottleneck file 'found.json': found 1 documents that benchmark 'qa' measures too (document 2)");
    }

    public void Dispose() => _bench.Dispose();

    private static string Hash => ContentHashes.OfText("one");

    private static SweepPlan Plan(string file = "found.json") => Workbench.Plan with
    {
        Bottlenecks = [new BottleneckPlan { Name = "b", Channels = new ChannelsPlan { File = file } }],
    };

    private BottleneckFile File(params string[] groups) => new()
    {
        Format = BottleneckFile.CurrentFormat,
        Recipe = "scaling",
        Model = "somebody",
        WeightsHash = Hash,
        TokenizerHash = "bytes",
        Precision = "fp32",
        NumericsId = "cpu/1",
        Layer = 4,
        Site = "SsmOutput",
        Channels = [2, 11, 13],
        Scores = [.. Enumerable.Range(0, 16).Select(channel => (double?)channel)],
        Items = new IdentificationItems
        {
            Seed = 7,
            Benchmarks =
            [
                new IdentificationBenchmark
                {
                    Name = "qa",
                    DataHash = _bench.Hashes.OfFile(Path.Combine(_bench.Folder, "qa.txt")),
                    PromptVersion = "1",
                    Split = new SplitPlan { Selection = 0.4, Validation = 0.1 },
                    Ids = [],
                    Groups = groups,
                },
            ],
        },
        Overlaps = [],
        Stability = new HalvesAgreement(),
    };

    private void Save(BottleneckFile file) => _bench.Write("found.json", JsonSerializer.Serialize(file, SweepJson.Options));

    private async Task Refused(string message)
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan()));

        Assert.Contains(failure.Problems, problem => problem.Contains(message, StringComparison.Ordinal));
    }
}
