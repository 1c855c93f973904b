using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Sqlite;
using Xunit;

namespace Sweep.Cli.Tests.Searching;

/// <summary>Recipes over items as a sweep before the one that was asked for, on the real model: it chooses what one process would, and what one command measured no other measures again.</summary>
[Collection(Terminal.Collection)]
public sealed class ImpactTests : IDisposable
{
    private const string Plan = """
        name: ranked
        models: [model]
        benchmarks:
          - { name: squad, data: squad.json, items: 16 }
        bottlenecks:
          - { name: by-impact, layer: 11, channels: { top: 5, by: mean_ablation } }
        scalars: [0.5]
        identify: { items: 3 }
        search: { method: screening, items: 2 }
        decoding: { generate: false }
        controls: off
        calibration: { data: text.jsonl, half: calibration, documents: 1, max_tokens: 8 }
        """;

    private const string Identify =
        "identify ./model --texts ./text.jsonl --half calibration --documents 1 --max-tokens 8 --layers 11 --sites MixerOutput --by mean_ablation --top 5 --benchmark squad=@/squad.json --items 3";

    private readonly Inputs _inputs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_PlanWithARecipeOverItems_MeasuresImpactsThenScreensThenReports()
    {
        _inputs.Write("plan.yaml", Plan);
        var plan = PlanReader.Read(Plan, "plan.yaml");
        using (var before = JsonDocument.Parse((await RunAsync("plan ./plan.yaml --store ./s.db --json")).Done().Output))
        {
            // 192 channels and the baseline.
            var impacts = before.RootElement.GetProperty("impacts");
            Assert.Equal(SweepIds.Of(ImpactStages.Of(plan)!), impacts.GetProperty("sweep").GetString());
            Assert.Equal((193, 3 * 193), (impacts.GetProperty("work").GetProperty("jobs").GetInt64(), impacts.GetProperty("work").GetProperty("rows").GetInt64()));
        }

        var run = (await RunAsync("run ./plan.yaml --store ./s.db --workers 2")).Done();

        Assert.Contains(": impact, ", run.Error, StringComparison.Ordinal);
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), Token);
        var chain = SearchStages.Chain(plan).Append(plan).Select(SweepIds.Of).ToArray();
        Assert.Equal(["ranked.impact-", "ranked.screen-", "ranked-"], chain.Select(id => id[..^10]));
        foreach (var id in chain)
        {
            Assert.Equal((SweepState.Completed, null), ((await store.FindSweepAsync(id, Token))!.State, (await store.FindSweepAsync(id, Token))!.Reason));
            Assert.Empty((await SweepAuditor.AuditAsync(store, id, 0, 0, Token)).Audit.Problems);
        }

        // The same in one process, and by a sweep of its own, which finds every row there.
        var resolved = (await store.LoadResolutionAsync(chain[^1], Token))!;
        await RunAsync($"{Identify} --out ./alone");
        await RunAsync($"{Identify} --out ./measured --workers 2 --store ./s.db");
        const string name = "model-layer11-MixerOutput-mean_ablation.json";
        var (alone, measured) = (await File.ReadAllBytesAsync(_inputs.At($"alone/{name}"), Token), await File.ReadAllBytesAsync(_inputs.At($"measured/{name}"), Token));
        Assert.Equal(alone, measured);
        var file = JsonSerializer.Deserialize<BottleneckFile>(alone, SweepJson.Options)!;
        Assert.Equal(file.Channels, resolved.Bottlenecks[0].Interventions[0].Channels);
        Assert.Equal(5, file.Channels.Count);
        var own = Assert.Single(await store.ListSweepsAsync(Token), sweep => sweep.Id.StartsWith("identify.impact-", StringComparison.Ordinal));
        Assert.Equal((SweepState.Completed, 0L), (own.State, (await store.ReadCostAsync(own.Id, Token)).Rows));
    }

    public void Dispose() => _inputs.Dispose();

    private Task<CommandOutcome> RunAsync(string command) => Terminal.RunAsync([.. _inputs.Words(command).Select(word => word.Replace("@", _inputs.At(""), StringComparison.Ordinal))]);
}
