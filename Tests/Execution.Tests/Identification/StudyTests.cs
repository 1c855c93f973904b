using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Identification;
using Sweep.Execution.Tests.MiniModel;
using Sweep.Models.Identification;
using Sweep.Models.Tests.Cuda;
using Sweep.Tests;

namespace Sweep.Execution.Tests.Identification;

/// <summary>Ablations and swapped activations on the shipped model that holds a planted bottleneck.</summary>
public sealed class StudyTests : IDisposable
{
    private const string Model = "models/mamba-mini-planted";

    private readonly TemporaryFolder _folder = new();
    private readonly MiniWorkbench _bench;

    /// <summary>Equal bits on the processor with the package's libtorch; elsewhere sums depend on what is packed together.</summary>
    private static readonly int Digits = TestDevice.IsCuda || Environment.GetEnvironmentVariable("SWEEP_LIBTORCH") is { Length: > 0 } ? 4 : 9;

    public StudyTests() => _bench = new MiniWorkbench(root: _folder.Path);

    private static CalibrationPlan Texts { get; } = new() { Data = "benchmarks/mini/text.jsonl", Half = "calibration", Documents = 4, MaxTokens = 48 };

    [Fact]
    public async Task Ablation_OfThePlantedChannels_MovesTheModelMoreThanAllOthers()
    {
        var name = await PlantedFileAsync();

        var result = await AblateAsync(new AblationRequest { Model = Model, Texts = Texts, Bottlenecks = [name], Kinds = [AblationKind.Zero], DeltaBiasFactors = [1] });

        double Kl(string what, int channels) => Assert.Single(result.Rows, row => row.What == what && row.Channels == channels).Kl;
        Assert.Equal(12, result.Rows.Count(row => row.What == "layer"));
        Assert.True(Kl("bottleneck", 16) > Kl("rest", 176));
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 192], result.Rows.Where(row => row.What == "top").Select(row => row.Channels));

        // The same channels, however they are named.
        Assert.Equal(Kl("bottleneck", 16), Kl("top", 16), Digits);
        Assert.Equal(Kl("top", 192), result.Rows.Single(row => row.What == "layer" && row.Layer == 8).Kl, Digits);
        Assert.Equal(Kl("random", 192), Kl("top", 192), Digits);
        Assert.True(Kl("top", 8) > Kl("random", 8));
        Assert.All(result.DeltaBias, row => Assert.Equal(0, row.Kl));
        Assert.Equal(12, result.DeltaBias.Count);
    }

    [Fact]
    public async Task Ablation_OfOneDocument_IsRefused()
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => AblateAsync(new AblationRequest { Model = Model, Texts = Texts with { Documents = 1 } }));

        Assert.Contains("expected at least two: means are of one half, the divergence is over the other", Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patching_OfThePlantedChannels_IsPartOfTheirLayer()
    {
        var name = await PlantedFileAsync();
        var pairs = Write("pairs.jsonl", """{"clean": "Context: Wells is a town.\nQuestion: a", "corrupted": "Context: Ripon is a town.\nQuestion: a", "answer": " Noah", "other": " Iris"}""");

        var result = await PatchAsync(new PatchingRequest { Model = Model, Pairs = pairs, Sites = ["ResidualPost"], Bottlenecks = [name] });

        Assert.Equal(1, result.Pairs);
        var whole = result.Rows.Where(row => row.Source is null).ToArray();
        Assert.Equal(12, whole.Length);

        // The residual stream of all positions is everything that the layers above see.
        Assert.All(whole, row => Assert.Equal((1.0, 1.0), (Math.Round(row.Necessity!.Value, 3), Math.Round(row.Sufficiency!.Value, 3))));
        var planted = Assert.Single(result.Rows, row => row.Source == name);
        Assert.Equal((8, "MixerOutput", 16), (planted.Layer, planted.Site, planted.Channels));
    }

    [Fact]
    public async Task Patching_OfGroups_TellsWhereTheAnswerIsRead()
    {
        var pairs = Write("pairs.jsonl", """
            {"clean": "Context: Wells is a town.\nQuestion: a", "corrupted": "Context: Ripon is a town.\nQuestion: a", "answer": " Noah", "other": " Iris"}
            {"clean": "Question: Wells", "corrupted": "Question: Ripon", "answer": " Noah", "other": " Iris"}
            """);

        var result = await PatchAsync(new PatchingRequest { Model = Model, Pairs = pairs, Sites = ["ResidualPost"], Positions = "groups" });

        Assert.Equal(["subject", "subject_first", "subject_last", "after", "last"], result.Positions!.Select(position => position.Name));
        Assert.All(result.Positions!, position => Assert.Null(position.Token));
        // The subject of the second prompt is its end: nothing follows.
        Assert.Equal([2, 2, 2, 1, 2], result.Positions!.Select(position => position.Pairs));
        var map = Assert.Single(result.Maps!);
        Assert.Equal(("ResidualPost", 192, (string?)null), (map.Site, map.Channels, map.Source));
        Assert.Equal(Enumerable.Range(0, 12), map.Layers);
        // After the last layer only the last position is read.
        Assert.Equal(1, map.Necessity[11][4]!.Value, 3);
        Assert.Equal(1, map.Sufficiency[11][4]!.Value, 3);
        Assert.Equal(0, map.Necessity[11][3]!.Value, 6);
        // After the first one everything that differs still stands at the subject and a little behind it.
        Assert.True(Math.Abs(map.Necessity[0][0]!.Value) > Math.Abs(map.Necessity[0][3]!.Value));
        Assert.Matches("^[0-9a-f]{64}$", result.PairsHash);
    }

    [Fact]
    public async Task Patching_OfEachPosition_IsThatOfItsGroup()
    {
        var name = await PlantedFileAsync();
        var pairs = Write("pairs.jsonl", """{"clean": "Question: Wells a", "corrupted": "Question: Ripon a", "answer": " Noah", "other": " Iris"}""");
        var request = new PatchingRequest { Model = Model, Pairs = pairs, Sites = ["MixerOutput"], Bottlenecks = [name], Positions = "each" };

        var (each, groups) = (await PatchAsync(request), await PatchAsync(request with { Positions = "groups" }));

        Assert.Equal("Question: Wells a", string.Concat(each.Positions!.Select(position => position.Token)));
        Assert.Equal(each.Positions!.Select((_, index) => $"{index}"), each.Positions!.Select(position => position.Name));
        Assert.Equal([null, name], each.Maps!.Select(map => map.Source));
        Assert.Equal([8], each.Maps![1].Layers);
        foreach (var (map, other) in each.Maps!.Zip(groups.Maps!))
        {
            TestDevice.AssertSame([.. other.Necessity.Select(layer => (double?)layer[4])], [.. map.Necessity.Select(layer => (double?)layer[^1])], 1e-4);
            TestDevice.AssertSame([.. other.Sufficiency.Select(layer => (double?)layer[4])], [.. map.Sufficiency.Select(layer => (double?)layer[^1])], 1e-4);
        }

        Assert.Equal(groups.Rows.Count, each.Rows.Count);
        if (!TestDevice.IsCuda)
            Assert.Equal(groups.Rows, each.Rows);
    }

    [Theory]
    [InlineData("each", "positions: found pairs of 2 to 3 tokens, expected as many in all of them for 'each'")]
    [InlineData("here", "positions: found 'here', expected one of all, groups, each")]
    public async Task Patching_AtPositionsThatCannotBe_IsRefused(string positions, string message)
    {
        var pairs = Write("pairs.jsonl", """
            {"clean": "a a", "corrupted": "b a", "answer": " x", "other": " y"}
            {"clean": "a a a", "corrupted": "b a a", "answer": " x", "other": " y"}
            """);

        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => PatchAsync(new PatchingRequest { Model = Model, Pairs = pairs, Positions = positions }));

        Assert.Contains(message, Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"clean\": \"a b c\", \"corrupted\": \"a\", \"answer\": \" x\", \"other\": \" y\"}", "tokens, expected equally many and at least one")]
    [InlineData("{\"clean\": \"a\", \"corrupted\": \"b\", \"answer\": \" x\", \"other\": \" x\"}", "found answers that begin with the same token")]
    [InlineData("{\"clean\": \"a\"}", "expected a JSON object with texts")]
    [InlineData("", "has no pair")]
    public async Task Patching_OfBrokenPairs_IsRefused(string line, string message)
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => PatchAsync(new PatchingRequest { Model = Model, Pairs = Write("pairs.jsonl", line) }));

        Assert.Contains(message, Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _bench.Dispose();
        _folder.Dispose();
    }

    private Task<AblationResult> AblateAsync(AblationRequest request) => _bench.Get<IAblationStudy>().RunAsync(request, null, TestContext.Current.CancellationToken);

    private Task<PatchingResult> PatchAsync(PatchingRequest request) => _bench.Get<IPatchingStudy>().RunAsync(request, null, TestContext.Current.CancellationToken);

    private string Write(string name, string text)
    {
        _folder.Write(name, text);
        return name;
    }

    /// <summary>A bottleneck file of exactly the planted channels, whose scores put them first.</summary>
    private async Task<string> PlantedFileAsync()
    {
        var request = new IdentifyRequest { Model = Model, Texts = Texts with { Documents = 1 }, Layers = [8], Sites = ["MixerOutput"], Recipes = ["variance"] };
        var found = (await _bench.Get<IIdentifier>().RunAsync(request, null, TestContext.Current.CancellationToken)).Bottlenecks[0];
        var exact = found with { Channels = MiniWorkbench.Planted, Scores = [.. Enumerable.Range(0, 192).Select(channel => MiniWorkbench.Planted.Contains(channel) ? 1.0 : (double?)0)] };
        return Write("planted.json", JsonSerializer.Serialize(exact, SweepJson.Options));
    }
}
