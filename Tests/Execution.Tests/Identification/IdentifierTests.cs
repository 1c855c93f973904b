using Sweep.Contracts.Plans;
using Sweep.Execution.Identification;
using Sweep.Execution.Tests.MiniModel;
using Sweep.Models.Tests.Cuda;

namespace Sweep.Execution.Tests.Identification;

/// <summary>Identification on the shipped models, of which one holds a planted bottleneck that must be found.</summary>
public sealed class IdentifierTests : IDisposable
{
    private static readonly IdentifyRequest Request = new()
    {
        Model = "models/mamba-mini-planted",
        Texts = new CalibrationPlan { Data = "benchmarks/mini/text.jsonl", Half = "calibration", Documents = 8 },
        Layers = [8],
        Sites = ["MixerOutput"],
        Benchmarks = [new BenchmarkPlan { Name = "triviaqa", Data = "benchmarks/mini/triviaqa.json", Items = 4 }],
    };

    private readonly MiniWorkbench _bench = new();

    [Theory]
    [InlineData("variance")]
    [InlineData("scaling")]
    public async Task Planted_ByEachRecipe_IsAmongTheTop24(string recipe)
    {
        var result = await RunAsync(Request with { Recipes = [recipe], Top = 24 });

        var found = Assert.Single(result.Bottlenecks);
        Assert.Equal((recipe, 8, "MixerOutput"), (found.Recipe, found.Layer, found.Site));
        Assert.Equal(192, found.Scores.Count);
        Assert.InRange(found.Channels.Intersect(MiniWorkbench.Planted).Count(), 14, 16);
    }

    [Fact]
    public async Task Recipes_OfOneRun_AreComparedWithEachOther()
    {
        var progress = new Seen();

        var result = await Run(
            Request with
            {
                Layers = [11],
                Recipes = ["variance", "kurtosis", "scaling", "ablation"],
                Sites = ["MixerOutput", "SsmOutput"],
                Benchmarks = [Request.Benchmarks[0] with { Items = 2 }],
                Scalars = [2],
            },
            progress);

        Assert.Equal(8, result.Bottlenecks.Count);
        foreach (var file in result.Bottlenecks)
        {
            Assert.Equal(16, file.Channels.Count);
            Assert.Equal(3, file.Overlaps.Count);
            Assert.InRange(file.Stability.Jaccard!.Value, 0, 1);
            foreach (var overlap in file.Overlaps)
            {
                var other = result.Bottlenecks.Single(one => one.Recipe == overlap.Recipe && one.Site == overlap.Site);
                Assert.Equal((double)file.Channels.Intersect(other.Channels).Count() / file.Channels.Union(other.Channels).Count(), overlap.Jaccard);
            }
        }

        Assert.Equal([new("texts", 8, 8), new("items", 2, 2)], progress.All.Where(one => one.Done == one.Total));
    }

    [Fact]
    public async Task Gradient_OfChannels_IsTheirEffectToFirstOrder()
    {
        Assert.SkipWhen(TestDevice.IsCuda, "gradients are taken on the processor alone");
        var request = Request with { Model = "models/mamba-mini", Layers = [11], Recipes = ["gradient", "integrated_gradients", "attention", "scaling"], Benchmarks = [Request.Benchmarks[0] with { Items = 2 }], Scalars = [0.99] };

        var result = await RunAsync(request);

        double[] Of(string recipe, string effect) => [.. result.Bottlenecks.Single(file => file.Recipe == recipe).Effects![effect].Select(value => value!.Value)];
        var (slopes, scaled) = (Of("gradient", "gradient"), Of("scaling", "0.99"));
        foreach (var channel in Enumerable.Range(0, 192).OrderByDescending(channel => Math.Abs(slopes[channel])).Take(8))
            Assert.Equal(-0.01 * slopes[channel], scaled[channel], 0.1 * Math.Abs(0.01 * slopes[channel]));
        Assert.Equal(192, Of("integrated_gradients", "integrated_gradients").Length);
        Assert.All(result.Bottlenecks.Single(file => file.Recipe == "attention").Scores, score => Assert.InRange(score!.Value, 0, double.MaxValue));
    }

    [Fact]
    public async Task Groups_OfChannels_AreChoicesThatShareNone()
    {
        var result = await RunAsync(Request with { Model = "models/mamba-mini", Layers = [8], Recipes = [], Groups = 4 });

        Assert.Equal(["group1of4", "group2of4", "group3of4", "group4of4"], result.Bottlenecks.Select(file => file.Recipe));
        Assert.Equal(Enumerable.Range(0, 192), result.Bottlenecks.SelectMany(file => file.Channels).Order());
        Assert.All(result.Bottlenecks, file =>
        {
            Assert.All(file.Overlaps, overlap => Assert.Equal(0, overlap.Jaccard));
            Assert.Equal(file.Channels, file.Scores.Index().Where(score => score.Item is not null).Select(score => score.Index));
        });
    }

    [Fact]
    public async Task Autoencoder_OfThePlantedLayer_WritesToThePlantedChannelsMost()
    {
        var result = await RunAsync(Request with { Recipes = [], AutoencoderFeatures = 32 });

        var encoder = Assert.Single(result.Autoencoders!);
        Assert.Equal((8, "MixerOutput", 32), (encoder.Layer, encoder.Site, encoder.Features));
        Assert.InRange(encoder.ExplainedVariance, 0.5, 1);
        Assert.InRange(encoder.ActiveShare, 0.01, 0.9);
        Assert.All(encoder.Most, feature => Assert.Contains(feature.Channels[0], MiniWorkbench.Planted));
    }

    [Fact]
    public async Task Gradient_AtSitesWithoutOne_IsRefused()
    {
        Assert.SkipWhen(TestDevice.IsCuda, "gradients are taken on the processor alone");
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => RunAsync(Request with { Recipes = ["gradient"], Sites = ["Delta"], Precision = "bf16" }));

        Assert.Equal(2, failure.Problems.Count);
        Assert.Contains("by: found 'gradient' at Delta, expected one of SsmOutput, GatedOutput, MixerOutput, ResidualPost among the sites", failure.Problems);
        Assert.Contains("by: found 'gradient' in bf16 on cpu:0, expected fp32 on cpu: only there gradients are taken", failure.Problems);
    }

    [Fact]
    public async Task Variance_OfAPlaceAndTexts_IsThePlansOwnRecipe()
    {
        var plan = MiniWorkbench.Plan with
        {
            Models = [Request.Model],
            Calibration = Request.Texts,
            Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 8, Site = "SsmOutput", Channels = new ChannelsPlan { Top = 12, By = "variance" } }],
        };

        var result = await RunAsync(Request with { Recipes = ["variance"], Sites = ["SsmOutput"], Top = 12 });

        var resolved = await _bench.Get<Sweep.Contracts.Execution.IPlanResolver>().ResolveAsync(plan, calibrate: true, TestContext.Current.CancellationToken);
        Assert.Equal(resolved.Bottlenecks[0].Interventions[0].Channels, result.Bottlenecks[0].Channels);
    }

    [Fact]
    public async Task Items_OfRecipesOverItems_AreOfTheSweepsSelectionSplitOnly()
    {
        var split = new SplitPlan { Selection = 0.04, Validation = 0.2 };
        var plan = MiniWorkbench.Plan with { Split = split, Seed = 5 };

        var result = await RunAsync(Request with { Layers = [11], Recipes = ["ablation"], Split = split, Seed = 5, Benchmarks = [Request.Benchmarks[0] with { Items = 1000 }] });

        var resolved = await _bench.Get<Sweep.Contracts.Execution.IPlanResolver>().ResolveAsync(plan, calibrate: true, TestContext.Current.CancellationToken);
        var used = Assert.Single(result.Bottlenecks[0].Items!.Benchmarks);
        Assert.NotEmpty(used.Ids);
        Assert.Equal(resolved.Benchmarks[0].Items.Where(item => item.Split == ItemSplit.Selection).Select(item => item.Id), used.Ids);
        Assert.Equal(resolved.Benchmarks[0].DataHash, used.DataHash);
    }

    [Fact]
    public async Task Layers_OfAModel_AreAllDescribed()
    {
        var result = await RunAsync(Request with { Recipes = ["variance"] });

        Assert.Equal(Enumerable.Range(0, 12), result.Layers.Select(layer => layer.Layer));
        Assert.All(result.Layers, layer =>
        {
            Assert.InRange(layer.LogitLensEntropy, 0, Math.Log(1024));
            Assert.Equal(1, layer.Cka[layer.Layer]);
            Assert.Equal(["MixerOutput", "ResidualPost"], layer.Sites.Select(site => site.Site));
            Assert.All(layer.Sites, site => Assert.InRange(site.RankEntropy!.Value, 1, 192));
        });
    }

    [Fact]
    public async Task Request_WithSeveralMistakes_NamesThemAll()
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => RunAsync(Request with
        {
            Layers = [12],
            Sites = ["SsmState"],
            Recipes = ["beauty"],
            Texts = Request.Texts with { Data = "nowhere.txt" },
            Benchmarks = [new BenchmarkPlan { Name = "text", Data = "benchmarks/mini/text.jsonl" }],
        }));

        Assert.Contains("layers: found 12, expected 0..11", failure.Problems);
        Assert.Contains(failure.Problems, problem => problem.StartsWith("sites: found 'SsmState'", StringComparison.Ordinal));
        Assert.Contains(failure.Problems, problem => problem.StartsWith("by: found 'beauty'", StringComparison.Ordinal));
        Assert.Contains(failure.Problems, problem => problem.StartsWith("texts: file 'nowhere.txt'", StringComparison.Ordinal));
        Assert.Contains(failure.Problems, problem => problem.Contains("without gold answers", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RecipesOverItems_WithoutABenchmark_AreRefused()
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => RunAsync(Request with { Recipes = ["scaling"], Benchmarks = [] }));

        Assert.Equal(["by: found 'scaling', which is measured on items, and no benchmark, expected at least one"], failure.Problems);
    }

    public void Dispose() => _bench.Dispose();

    private Task<IdentificationResult> RunAsync(IdentifyRequest request) => Run(request, null);

    private Task<IdentificationResult> Run(IdentifyRequest request, IProgress<IdentifyProgress>? progress) =>
        _bench.Get<IIdentifier>().RunAsync(request, progress, TestContext.Current.CancellationToken);

    private sealed class Seen : IProgress<IdentifyProgress>
    {
        public List<IdentifyProgress> All { get; } = [];

        public void Report(IdentifyProgress value) => All.Add(value);
    }
}
