using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Identification;

/// <summary>Recipes that a worker resolves: `top N by SCORE` in a plan.</summary>
public sealed class PlanRecipeTests : IDisposable
{
    private readonly Workbench _bench = new();

    [Theory]
    [InlineData("scaling", 2)]
    [InlineData("ablation", 1)]
    [InlineData("mean_ablation", 1)]
    public async Task Stage_OfTopByImpact_ChangesEachChannelAloneOnSelectionItems(string recipe, int changes)
    {
        var stage = await _bench.ResolveAsync(ImpactStages.Of(Plan(recipe))!);

        Assert.Equal(8, stage.Bottlenecks.Count);
        Assert.All(stage.Bottlenecks.Index(), single => Assert.Equal([single.Index], Assert.Single(single.Item.Interventions).Channels));
        // The baseline's job, and one for each change of each channel.
        Assert.Equal(1 + (8 * changes), PlanExpander.Jobs(ImpactStages.Of(Plan(recipe))!, stage).Count());
        // Two items a group, and even groups are of the selection split.
        Assert.Equal(["q0", "q1", "q4", "q5", "q8", "q9"], Assert.Single(stage.Benchmarks).Items.Select(item => item.Id));
        Assert.Equal([Measure.LogLikelihood], stage.Benchmarks[0].Measures);
        Assert.Equal(recipe == "mean_ablation" ? 1 : 0, _bench.Loader.Loads.Count);
    }

    [Theory]
    [InlineData("scaling", 6, 99)]
    [InlineData("scaling", 2, 3)]
    [InlineData("ablation", 1, 5)]
    [InlineData("mean_ablation", 2, 4)]
    public async Task ResolveAsync_TopByImpact_IsTheRankingOfOneProcess(string recipe, int items, int jobs)
    {
        await _bench.MeasureImpactsAsync(Plan(recipe), items, jobs);

        var resolved = await _bench.ResolveAsync(Plan(recipe));

        // The stub's log-likelihood falls with the channel's number.
        Assert.Equal([5, 6, 7], resolved.Bottlenecks[0].Interventions[0].Channels);
        Assert.Equal($"top 3 by {recipe}", resolved.Bottlenecks[0].Recipe);
        Assert.Contains(await InOneProcessAsync(recipe), _bench.Calibrations.Entries.Values);
    }

    [Fact]
    public async Task ResolveAsync_OfAScreening_TakesTheImpactsOfBothItsStagesFromOne()
    {
        var plan = Plan("scaling") with { Search = new SearchPlan { Method = SearchPlan.Screening, Items = 2 } };
        await _bench.MeasureImpactsAsync(plan);

        var stage = await _bench.ResolveAsync(SearchStages.Before(plan)!);

        Assert.Equal([5, 6, 7], stage.Bottlenecks[0].Interventions[0].Channels);
        Assert.Equal((await _bench.ResolveAsync(plan with { Search = null })).Bottlenecks[0].Interventions[0].Channels, stage.Bottlenecks[0].Interventions[0].Channels);
        Assert.Equal(ImpactStages.Of(plan), ImpactStages.Of(SearchStages.Before(plan)!));
    }

    [Fact]
    public async Task ResolveAsync_ByPairsOfTheirOwnPasses_SubtractsThese()
    {
        // As on a GPU: the same row has other bits in other company.
        _bench.Loader.Prepare = executor => executor.Noise = batch => 100 * batch.Rows.SelectMany(row => row).Sum(change => change.Channels[0]);
        _bench.DeviceOptions.CalibrationDevice = "cuda:0";
        var plan = Plan("ablation");
        var stage = ImpactStages.Of(plan)!;
        var resolved = await _bench.ResolveAsync(stage);
        foreach (var result in await _bench.RunAsync(Workbench.Batch(stage, resolved, items: 1, jobs: 4), device: "cuda:0"))
            _bench.Ledger.Record(result.Rows);
        _bench.Ledger.Complete(stage, resolved);

        var ranked = await _bench.ResolveAsync(plan);

        Assert.Equal([5, 6, 7], ranked.Bottlenecks[0].Interventions[0].Channels);
        Assert.Equal(resolved.NumericsId, ranked.NumericsId);
    }

    [Fact]
    public async Task ResolveAsync_ADivergedChannel_IsRankedLast()
    {
        _bench.Loader.Prepare = executor => executor.Diverges = change => change.Channels[0] == 7;
        await _bench.MeasureImpactsAsync(Plan("scaling"));

        Assert.Equal([4, 5, 6], (await _bench.ResolveAsync(Plan("scaling"))).Bottlenecks[0].Interventions[0].Channels);
    }

    [Fact]
    public async Task ResolveAsync_Twice_ReadsTheLedgerOnce()
    {
        await _bench.MeasureImpactsAsync(Plan("scaling"));
        var first = await _bench.ResolveAsync(Plan("scaling"));
        _bench.Ledger.IsComplete = false;
        foreach (var row in await RowsAsync(Plan("scaling")))
            _bench.Ledger.Forget(row);

        Assert.Equal(first.Bottlenecks[0].Interventions[0].Channels, (await _bench.ResolveAsync(Plan("scaling"))).Bottlenecks[0].Interventions[0].Channels);
        // What is kept under this name is collected when nobody uses it any more.
        Assert.StartsWith("calibration/", Assert.Single(_bench.Calibrations.Entries).Key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_WhereRowsAreMissing_IsRefused()
    {
        await _bench.MeasureImpactsAsync(Plan("scaling"));
        _bench.Ledger.IsComplete = false;
        _bench.Ledger.Forget((await RowsAsync(Plan("scaling")))[^1]);

        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan("scaling")));

        Assert.StartsWith("identify: 1 rows of 'stub.impact-", Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_BeforeTheStage_IsAMistake()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => _bench.ResolveAsync(Plan("scaling")));

        Assert.Contains(SweepIds.Of(ImpactStages.Of(Plan("scaling"))!), missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_AfterAFileHasChanged_IsRefused()
    {
        await _bench.MeasureImpactsAsync(Plan("scaling"));
        _bench.Write("qa.txt", [.. Enumerable.Range(0, 12).Select(item => $"q{item}|{item / 2}|another context|which {item}?|gold{item}")]);

        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan("scaling")));

        Assert.StartsWith("identify: found other contents in qa.txt", Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stage_OfMeanAblation_SetsEachChannelToItsMeanOverTheTexts()
    {
        var stage = await _bench.ResolveAsync(ImpactStages.Of(Plan("mean_ablation"))!);

        var ablated = await _bench.ResolveAsync(Plan("mean_ablation") with
        {
            Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 2, Operation = "mean_ablate", Channels = new ChannelsPlan { All = true } }],
        });
        Assert.Equal(ablated.Bottlenecks[0].Interventions[0].Values, stage.Bottlenecks.Select(single => Assert.Single(single.Interventions[0].Values!)));
    }

    [Fact]
    public async Task ResolveAsync_AfterTheTextHasChanged_IsRefused()
    {
        await _bench.MeasureImpactsAsync(Plan("mean_ablation"));
        _bench.Write("calibration.jsonl", """{"id": "c", "half": "a", "text": "another text"}""");

        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan("mean_ablation")));

        Assert.StartsWith("calibration.data: found another text than when channels were measured", Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_MeanAblationWithoutATextForTheMeans_IsRefused()
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(ImpactStages.Of(Plan("mean_ablation") with { Calibration = null })!));

        Assert.Contains("calibration: none is given", Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stage_OfFewerItems_TakesTheFirst()
    {
        var stage = await _bench.ResolveAsync(ImpactStages.Of(Plan("ablation") with { Identify = new IdentifyPlan { Items = 2 } })!);

        Assert.Equal(["q0", "q1"], Assert.Single(stage.Benchmarks).Items.Select(item => item.Id));
    }

    /// <summary>The real model, in one process and in batches.</summary>
    [Fact]
    public async Task ResolveAsync_OfTheMiniModel_HasTheBitsOfOneProcess()
    {
        using var mini = new MiniModel.MiniWorkbench();
        var plan = MiniModel.MiniWorkbench.Plan with
        {
            Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 11, Channels = new ChannelsPlan { Top = 16, By = "scaling" } }],
            Benchmarks = [new BenchmarkPlan { Name = "triviaqa", Data = "benchmarks/mini/triviaqa.json" }],
            Identify = new IdentifyPlan { Items = 2, Scalars = [2] },
        };
        var stage = ImpactStages.Of(plan)!;
        var resolved = await mini.ResolveAsync(stage);
        mini.Ledger.Record(await mini.RunAsync(Workbench.Batch(stage, resolved, items: 1, jobs: 97)));
        mini.Ledger.Complete(stage, resolved);

        var chosen = (await mini.ResolveAsync(plan)).Bottlenecks[0].Interventions[0].Channels;

        var request = new Execution.Identification.IdentifyRequest
        {
            Model = "models/mamba-mini",
            Texts = new CalibrationPlan { Data = "benchmarks/mini/text.jsonl", Documents = 1, MaxTokens = 8 },
            Layers = [11],
            Sites = ["MixerOutput"],
            Recipes = ["scaling"],
            Benchmarks = [plan.Benchmarks[0] with { Items = 2 }],
            Scalars = [2],
        };
        var alone = (await mini.Get<Execution.Identification.IIdentifier>().RunAsync(request, null, TestContext.Current.CancellationToken)).Bottlenecks[0];
        Assert.Equal(alone.Channels, chosen);
        var kept = System.Text.Json.JsonSerializer.Deserialize<double?[]>(Assert.Single(mini.Calibrations.Entries).Value, Contracts.Json.SweepJson.Options)!;
        Assert.Equal(alone.Scores, kept);
    }

    [Fact]
    public async Task ResolveAsync_WithoutCalibration_CountsOnly()
    {
        var resolved = await _bench.Resolver.ResolveAsync(Plan("scaling"), calibrate: false, TestContext.Current.CancellationToken);

        Assert.Equal([0, 1, 2], resolved.Bottlenecks[0].Interventions[0].Channels);
        Assert.Empty(_bench.Loader.Loads);
    }

    [Fact]
    public async Task ResolveAsync_WithoutGolds_IsRefused()
    {
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan("scaling") with { Benchmarks = [new BenchmarkPlan { Name = "text", Data = "text.txt" }] }));

        Assert.Equal(["bottlenecks: a recipe over items is asked for, but no benchmark of the plan has items of the selection split with golds"], failure.Problems);
    }

    [Fact]
    public async Task ResolveAsync_TopByKurtosis_IsThatOfTheTexts()
    {
        using var mini = new MiniModel.MiniWorkbench();
        var plan = MiniModel.MiniWorkbench.Plan with
        {
            Calibration = new CalibrationPlan { Data = "benchmarks/mini/text.jsonl", Half = "calibration", Documents = 4 },
            Bottlenecks = [Bottleneck("kurtosis")],
        };
        var result = await mini.Get<Execution.Identification.IIdentifier>().RunAsync(
            new Execution.Identification.IdentifyRequest { Model = "models/mamba-mini", Texts = plan.Calibration, Layers = [2], Sites = ["MixerOutput"], Recipes = ["kurtosis"], Top = 3 },
            null,
            TestContext.Current.CancellationToken);

        var resolved = await mini.Get<Contracts.Execution.IPlanResolver>().ResolveAsync(plan, calibrate: true, TestContext.Current.CancellationToken);

        Assert.Equal(result.Bottlenecks[0].Channels, resolved.Bottlenecks[0].Interventions[0].Channels);
        Assert.Equal("top 3 by kurtosis", resolved.Bottlenecks[0].Recipe);
    }

    public void Dispose() => _bench.Dispose();

    private static CalibrationPlan Texts { get; } = new() { Data = "calibration.jsonl", Half = "a" };

    private static SweepPlan Plan(string recipe) => Workbench.Plan with { Bottlenecks = [Bottleneck(recipe)], Calibration = recipe == "mean_ablation" ? Texts : null };

    private static BottleneckPlan Bottleneck(string recipe) => new() { Name = "b", Layer = 2, Channels = new ChannelsPlan { Top = 3, By = recipe } };

    /// <summary>Scores by running every channel behind one prefix, as kept.</summary>
    private async Task<byte[]> InOneProcessAsync(string recipe)
    {
        var facts = _bench.Loader.Inspect(Path.Combine(_bench.Folder, "model"));
        var items = new Execution.Identification.SelectionItems(facts, Path.Combine(_bench.Folder, "model"), "fp32", 0, null);
        var problems = new List<string>();
        items.Add(Workbench.Plan.Benchmarks[0], new SplitPlan(), 50, "qa", _bench.Files, new Execution.Benchmarks.BenchmarkCache(_bench.Benchmarks, _bench.Hashes, _bench.Files), problems);
        Assert.Empty(problems);
        var model = new Execution.Calibration.CalibratedModel(Path.Combine(_bench.Folder, "model"), facts, "fp32");
        var text = Execution.Calibration.CalibrationText.Read(Path.Combine(_bench.Folder, "calibration.jsonl"), Texts, _bench.Hashes);
        var means = await new Execution.Calibration.SiteReading(_bench.Pool).ReadAsync(model, text, Texts, [(2, Models.Steering.Site.MixerOutput)], TestContext.Current.CancellationToken);
        var ranking = await new Execution.Identification.ImpactRanking(new Execution.Identification.RowEffects(_bench.Pool)).RankAsync(
            model, items.Prepared, [(2, Models.Steering.Site.MixerOutput)], [recipe], [0.5, 2], means, _ => { }, TestContext.Current.CancellationToken);
        return System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Assert.Single(ranking).Scores, Contracts.Json.SweepJson.Options);
    }

    private async Task<IReadOnlyList<(JobId Job, string Item)>> RowsAsync(SweepPlan plan)
    {
        var stage = ImpactStages.Of(plan)!;
        var resolved = await _bench.ResolveAsync(stage);
        return [.. PlanExpander.Jobs(stage, resolved).SelectMany(job => resolved.Benchmarks[job.Benchmark].Items.Select(item => (job.Job.Id, item.Id)))];
    }
}
