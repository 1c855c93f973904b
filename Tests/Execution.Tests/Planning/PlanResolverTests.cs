using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Planning;

public sealed class PlanResolverTests : IDisposable
{
    private readonly Workbench _bench = new();

    private static CalibrationPlan Calibration { get; } = new() { Data = "calibration.jsonl", Half = "a" };

    [Fact]
    public async Task ResolveAsync_ValidPlan_FillsEverything()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var model = Assert.Single(resolved.Models);
        Assert.Equal(("model", "model", 6, 8, 16), (model.Name, model.Path, model.Layers, model.DModel, model.DInner));

        // 2·8·16 + 16·4 + 16·(2+8) + 2·16 + 3·16·4 + 16·8
        Assert.Equal(832, model.BlockMultiplyAdds);
        var benchmark = Assert.Single(resolved.Benchmarks);
        Assert.Equal([Measure.LogLikelihood, Measure.Generation], benchmark.Measures);
        Assert.Equal(8, benchmark.MaxNewTokens);
        Assert.Equal(12, benchmark.Items.Count);
        Assert.Equal("C:aaaaaaaaaaaaaaaaaaaa\nQ:which 0?\nA:".Length, benchmark.Items[0].PromptTokens[0]);
        Assert.Equal(" other0\n".Length, benchmark.Items[0].GoldTokens[0]);
        Assert.Equal([null, 0, 1], resolved.Bottlenecks.Select(bottleneck => bottleneck.ControlIndex));
        Assert.All(resolved.Bottlenecks, bottleneck => Assert.Equal([0.5, 1, 2], bottleneck.Scalars));
        Assert.All(resolved.Bottlenecks, bottleneck => Assert.Equal("Scale", Assert.Single(bottleneck.Interventions).Operation));
        Assert.Equal(Numerics.Of("cpu:0"), resolved.NumericsId);
    }

    [Fact]
    public async Task ResolveAsync_Twice_GivesTheSame()
    {
        var plan = Workbench.Plan with { Calibration = Calibration, Bottlenecks = [Bottleneck(new ChannelsPlan { Top = 3, By = "variance" })] };
        Assert.Equal(Text(await _bench.ResolveAsync(plan)), Text(await _bench.ResolveAsync(plan)));
        Assert.Single(_bench.Calibrations.Entries);
        Assert.Single(_bench.Loader.Loads);
    }

    [Fact]
    public async Task ResolveAsync_TopByVariance_TakesTheHighestAscending()
    {
        var plan = Workbench.Plan with { Calibration = Calibration, Bottlenecks = [Bottleneck(new ChannelsPlan { Top = 3, By = "variance" })] };
        var bottleneck = (await _bench.ResolveAsync(plan)).Bottlenecks[0];
        Assert.Equal([5, 6, 7], bottleneck.Interventions[0].Channels);
        Assert.Equal("top 3 by variance", bottleneck.Recipe);
    }

    [Fact]
    public async Task ResolveAsync_RankedChannels_KeepsTheirScoresBesideTheResolution()
    {
        var plan = Workbench.Plan with { Calibration = Calibration, Bottlenecks = [Bottleneck(new ChannelsPlan { Top = 3, By = "variance" }), Bottleneck(new ChannelsPlan { Explicit = [1] }) with { Name = "given" }] };
        var resolved = await _bench.ResolveAsync(plan);
        var kept = JsonSerializer.Deserialize<IdentifiedChannels>(_bench.Calibrations.OfSweeps[IdentifiedChannels.KeyOf(SweepIds.Of(plan))], SweepJson.Options)!;
        var ranked = Assert.Single(kept.Ranked);
        var acts = resolved.Bottlenecks[0].Interventions[0];
        Assert.Equal((0, acts.Layer, acts.Site, "variance", null), (ranked.Model, ranked.Layer, ranked.Site, ranked.Recipe, ranked.File));
        Assert.Equal(acts.Channels, ranked.Scores.Index().OrderByDescending(score => score.Item).Take(3).Select(score => score.Index).Order());
        var place = Assert.Single(kept.Calibrated);
        Assert.Equal((acts.Layer, ranked.Scores.Count), (place.Layer, place.Channels));
        Assert.InRange(place.EffectiveChannels!.Value, 1, place.Channels);
        Assert.Equal([resolved.Models[0].WeightsHash], kept.WeightsHashes);
    }

    [Fact]
    public async Task ResolveAsync_WithoutCalibration_CountsOnly()
    {
        var plan = Workbench.Plan with { Calibration = Calibration, Bottlenecks = [Bottleneck(new ChannelsPlan { Top = 3, By = "variance" })] };
        var resolved = await _bench.Resolver.ResolveAsync(plan, calibrate: false, TestContext.Current.CancellationToken);
        Assert.Equal([0, 1, 2], resolved.Bottlenecks[0].Interventions[0].Channels);
        Assert.Empty(_bench.Loader.Loads);
    }

    [Fact]
    public async Task ResolveAsync_MeanAblate_TakesMeansOfEachSetsOwnChannels()
    {
        var plan = Workbench.Plan with
        {
            Calibration = Calibration,
            Bottlenecks = [Bottleneck(new ChannelsPlan { Explicit = [5, 2] }) with { Operation = "mean_ablate" }],
        };
        var resolved = await _bench.ResolveAsync(plan);

        // Four documents of 10 to 13 tokens, channel c is c times the length.
        foreach (var intervention in resolved.Bottlenecks.Select(bottleneck => bottleneck.Interventions[0]))
            Assert.Equal(intervention.Channels.Select(channel => channel * 11.5), intervention.Values);
        Assert.Equal([2, 5], resolved.Bottlenecks[0].Interventions[0].Channels);
        Assert.All(resolved.Bottlenecks, bottleneck => Assert.Empty(bottleneck.Scalars));
    }

    [Fact]
    public async Task ResolveAsync_EveryKindOfControl_IsResolvedByItsKind()
    {
        var plan = Workbench.Plan with
        {
            Calibration = Calibration,
            Controls = new ControlsPlan { Random = 2, NormMatched = 1, VarianceMatched = 1, Complement = true, EqualNorm = true, OtherLayers = 2, OtherChannels = 1 },
        };
        var controls = (await _bench.ResolveAsync(plan)).Bottlenecks.Where(bottleneck => bottleneck.Role == BottleneckRole.Control).ToArray();
        Assert.Equal(
            [
                (ControlKind.Random, 0), (ControlKind.Random, 1), (ControlKind.NormMatched, 0), (ControlKind.VarianceMatched, 0), (ControlKind.Complement, 0), (ControlKind.EqualNorm, 0),
                (ControlKind.OtherLayer, 0), (ControlKind.OtherLayer, 1), (ControlKind.OtherChannels, 0),
            ],
            controls.Select(control => (control.Kind!.Value, control.ControlIndex!.Value)));
        Assert.Equal([0, 2, 3, 4, 6, 7], controls[4].Interventions[0].Channels);
        Assert.Equal([1, 4], controls[6..8].Select(control => control.Interventions[0].Layer));
        Assert.All(controls[6..8], control => Assert.Equal([1, 5], control.Interventions[0].Channels));

        // Channel c has the mean square c² of one and the same constant: channels 1 and 5 hold 26 of 140.
        Assert.Equal([0.5, 1, 2], controls[4].Scalars);
        Assert.Equal([0.927747, 1, 1.24786], controls[5].Scalars);
        Assert.All(controls[5].Interventions, all => Assert.Equal(Enumerable.Range(0, 8), all.Channels));
    }

    [Fact]
    public async Task ResolveAsync_MeanAblateAtOtherLayers_TakesTheirMeans()
    {
        var plan = Workbench.Plan with
        {
            Calibration = Calibration,
            Controls = new ControlsPlan { Random = 0, OtherLayers = 9 },
            Bottlenecks = [Bottleneck(new ChannelsPlan { Explicit = [5, 2] }) with { Operation = "mean_ablate" }],
        };
        var controls = (await _bench.ResolveAsync(plan)).Bottlenecks.Where(bottleneck => bottleneck.Role == BottleneckRole.Control).ToArray();
        Assert.Equal([0, 1, 3, 4, 5], controls.Select(control => control.Interventions[0].Layer));
        Assert.All(controls, control => Assert.Equal([23, 57.5], control.Interventions[0].Values!));
        Assert.Equal(6, _bench.Calibrations.Entries.Count);
    }

    [Fact]
    public async Task ResolveAsync_EveryKindWithoutCalibrating_CountsAsMany()
    {
        var plan = Workbench.Plan with { Calibration = Calibration, Controls = ControlsPlan.Usual(calibrated: true) };
        var counted = await _bench.Resolver.ResolveAsync(plan, calibrate: false, TestContext.Current.CancellationToken);
        Assert.Equal(
            (await _bench.ResolveAsync(plan)).Bottlenecks.Select(bottleneck => (bottleneck.Kind, bottleneck.Scalars.Count)), counted.Bottlenecks.Select(bottleneck => (bottleneck.Kind, bottleneck.Scalars.Count)));
    }

    [Fact]
    public async Task ResolveAsync_Add_OrdersValuesWithChannelsAndHasZeroForIdentity()
    {
        var plan = Workbench.Plan with
        {
            Bottlenecks = [Bottleneck(new ChannelsPlan { Explicit = [5, 2] }) with { Operation = "add", Values = [50, 20], Scalars = [3, -0.0, 3] }],
        };
        var bottleneck = (await _bench.ResolveAsync(plan)).Bottlenecks[0];
        Assert.Equal([2, 5], bottleneck.Interventions[0].Channels);
        Assert.Equal([20, 50], bottleneck.Interventions[0].Values!);
        Assert.Equal([0, 3], bottleneck.Scalars);
        Assert.False(double.IsNegative(bottleneck.Scalars[0]));
    }

    [Fact]
    public async Task ResolveAsync_RandomSeeds_GivesOneBottleneckASeed()
    {
        var plan = Workbench.Plan with { Bottlenecks = [Bottleneck(new ChannelsPlan { Random = 3, Seeds = [1, 2] })] };
        var own = (await _bench.ResolveAsync(plan)).Bottlenecks.Where(bottleneck => bottleneck.Role == BottleneckRole.Bottleneck).ToArray();
        Assert.Equal(["b (seed 1)", "b (seed 2)"], own.Select(bottleneck => bottleneck.Name));
        Assert.NotEqual(own[0].Interventions[0].Channels, own[1].Interventions[0].Channels);
        Assert.All(own, bottleneck => Assert.Equal(3, bottleneck.Interventions[0].Channels.Distinct().Count()));
    }

    [Fact]
    public async Task ResolveAsync_DepthPartsAndAll_FindsLayersAndWidths()
    {
        var plan = Workbench.Plan with
        {
            Bottlenecks =
            [
                new BottleneckPlan
                {
                    Name = "two",
                    Parts =
                    [
                        new BottleneckPartPlan { Depth = 0.83, Site = "GatedOutput", Channels = new ChannelsPlan { All = true } },
                        new BottleneckPartPlan { Layer = 0, Operation = "zero_ablate", Channels = new ChannelsPlan { Explicit = [7] } },
                    ],
                },
            ],
        };
        var interventions = (await _bench.ResolveAsync(plan)).Bottlenecks[0].Interventions;
        Assert.Equal([(4, "GatedOutput", 16), (0, "MixerOutput", 1)], interventions.Select(one => (one.Layer, one.Site, one.Channels.Count)));
    }

    [Theory]
    [InlineData("text", new[] { Measure.Perplexity })]
    [InlineData("ifeval", new[] { Measure.Generation })]
    [InlineData("squad", new[] { Measure.LogLikelihood, Measure.Generation })]
    public async Task ResolveAsync_Benchmark_HasItsMeasures(string kind, Measure[] measures)
    {
        var plan = Workbench.Plan with { Benchmarks = [new BenchmarkPlan { Name = kind, Data = "qa.txt", Items = 3 }] };
        var benchmark = (await _bench.ResolveAsync(plan)).Benchmarks[0];
        Assert.Equal(measures, benchmark.Measures);
        Assert.Equal(3, benchmark.Items.Count);
    }

    [Fact]
    public async Task ResolveAsync_ManyMistakes_AreToldTogether()
    {
        var plan = Workbench.Plan with
        {
            Models = ["model", "nowhere"],
            Benchmarks = [new BenchmarkPlan { Name = "qa", Data = "missing.txt" }, new BenchmarkPlan { Name = "ifeval", Data = "qa.txt" }],
            Decoding = new DecodingPlan { Generate = false },
            Scalars = [double.NaN],
            Bottlenecks =
            [
                Bottleneck(new ChannelsPlan { Explicit = [8, 3, 3] }),
                Bottleneck(new ChannelsPlan { All = true }) with { Name = "c", Layer = 6, Site = "Nowhere" },
                Bottleneck(new ChannelsPlan { Top = 9, By = "size" }) with { Name = "d", Site = "InProjection" },
                Bottleneck(new ChannelsPlan { Top = 9, By = "size" }) with { Name = "e" },
            ],
        };
        var problems = (await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(plan))).Problems;
        Assert.Equal(
            [
                $"models[1]: folder 'nowhere' does not exist in '{_bench.Folder}'",
                $"benchmarks[0] (qa).data: file 'missing.txt' does not exist in '{_bench.Folder}'",
                "benchmarks[1] (ifeval): nothing is measured; it is scored by generation only, which decoding turns off",
                "bottlenecks[0] (b).channels.explicit: found channel 8 of MixerOutput of model 'model', expected 0..7",
                "bottlenecks[0] (b).channels.explicit: channel 3 stands there 2 times, expected once",
                "bottlenecks[1] (c).layer: found 6 of model 'model', expected 0..5",
                "bottlenecks[1] (c).site: unknown site 'Nowhere', expected one of ResidualPre, Convolution, Delta, SsmOutput, Gate, GatedOutput, MixerOutput, ResidualPost",
                "bottlenecks[2] (d).site: InProjection cannot be steered, expected one of ResidualPre, Convolution, Delta, SsmOutput, Gate, GatedOutput, MixerOutput, ResidualPost",
                "bottlenecks[3] (e).channels.by: unknown score 'size' for top 9, expected variance, mean_absolute, kurtosis, scaling, ablation, mean_ablation",
                "bottlenecks[3] (e).channels: found 9 channels of MixerOutput of model 'model', expected 1 to 8",
            ],
            problems);
    }

    [Fact]
    public async Task ResolveAsync_ScalarNotFinite_IsAProblem()
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Workbench.Plan with { Scalars = [double.NaN] }));
        Assert.Equal(["scalars: NaN, expected finite numbers"], failure.Problems);
    }

    [Fact]
    public async Task ResolveAsync_TwoModelsOfOneName_IsAProblem()
    {
        Directory.CreateDirectory(Path.Combine(_bench.Folder, "sub", "model"));
        File.WriteAllText(Path.Combine(_bench.Folder, "sub", "model", "weights"), "two");
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Workbench.Plan with { Models = ["model", "sub/model"] }));
        Assert.Contains("2 folders are named 'model'", failure.Message);
    }

    [Fact]
    public async Task ResolveAsync_PromptThatCannotFit_NamesItemAndLimit()
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Workbench.Plan with { ContextLimit = 10 }));
        Assert.Equal(3, failure.Problems.Count);
        Assert.Contains("item q0: its prompt without any context is still longer than the context limit of 10 tokens", failure.Problems[0]);
    }

    [Theory]
    [InlineData("x0|1|unlike anything|which 0?|gold")]
    [InlineData("x0|1|calibrated  text\t|which 0?|gold")]
    public async Task ResolveAsync_CalibrationTextIsMeasured_IsRefusedByName(string line)
    {
        _bench.Write("more.txt", line);
        _bench.Write("calibration.jsonl", """{"id": "doc-7", "half": "a", "text": "calibrated text"}""");
        var plan = Workbench.Plan with
        {
            Calibration = Calibration,
            Benchmarks = [new BenchmarkPlan { Name = "qa", Data = "more.txt" }],
            Bottlenecks = [Bottleneck(new ChannelsPlan { Top = 3, By = "variance" })],
        };
        if (line.Contains("unlike"))
        {
            Assert.NotNull(await _bench.ResolveAsync(plan));
            return;
        }

        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(plan));
        Assert.Contains("benchmark 'qa' measures too (doc-7)", failure.Message);
    }

    [Fact]
    public async Task ResolveAsync_RecipeWithoutText_IsAProblem()
    {
        var plan = Workbench.Plan with { Bottlenecks = [Bottleneck(new ChannelsPlan { Top = 3, By = "variance" })] };
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(plan));
        Assert.StartsWith("calibration: none is given", failure.Message);
    }

    public void Dispose() => _bench.Dispose();

    private static BottleneckPlan Bottleneck(ChannelsPlan channels) => new() { Name = "b", Layer = 2, Channels = channels };

    private static string Text(ResolvedPlan resolved) => JsonSerializer.Serialize(resolved, SweepJson.Options);
}
