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
    public async Task ResolveAsync_TopByImpact_ChangesEachChannelAloneOnSelectionItems(string recipe, int changes)
    {
        var resolved = await _bench.ResolveAsync(Plan(recipe));

        // The stub's log-likelihood falls with the channel's number.
        Assert.Equal([5, 6, 7], resolved.Bottlenecks[0].Interventions[0].Channels);
        Assert.Equal($"top 3 by {recipe}", resolved.Bottlenecks[0].Recipe);

        // Two items a group, and even groups are of the selection split.
        Assert.Equal([0, 1, 4, 5, 8, 9], _bench.Loader.Executor.Batches.Select(batch => Array.IndexOf(Prompts(), string.Join(',', batch.Prompts[0].PromptTokens))).Order());
        Assert.All(_bench.Loader.Executor.Batches, batch =>
        {
            Assert.Equal(8 * changes, batch.Rows.Count);
            Assert.All(batch.Rows, row => Assert.Single(Assert.Single(row).Channels));
        });
    }

    [Fact]
    public async Task ResolveAsync_Twice_MeasuresOnce()
    {
        await _bench.ResolveAsync(Plan("scaling"));
        await _bench.ResolveAsync(Plan("scaling"));

        Assert.Single(_bench.Calibrations.Entries);
        Assert.Single(_bench.Loader.Loads);
        await _bench.ResolveAsync(Plan("scaling") with { Identify = new IdentifyPlan { Scalars = [3] } });
        Assert.Equal(2, _bench.Calibrations.Entries.Count);
    }

    [Fact]
    public async Task ResolveAsync_FewerItems_TakesTheFirst()
    {
        await _bench.ResolveAsync(Plan("ablation") with { Identify = new IdentifyPlan { Items = 2 } });

        Assert.Equal(2, _bench.Loader.Executor.Batches.Count);
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

    private static SweepPlan Plan(string recipe) => Workbench.Plan with { Bottlenecks = [Bottleneck(recipe)] };

    private static BottleneckPlan Bottleneck(string recipe) => new() { Name = "b", Layer = 2, Channels = new ChannelsPlan { Top = 3, By = recipe } };

    private static string[] Prompts() =>
        [.. Enumerable.Range(0, 12).Select(item => string.Join(',', new ByteCodec().Encode($"C:{new string((char)('a' + item), 20 + item)}\nQ:which {item}?\nA:")))];
}
