using System.Text;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Exports;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cli.Tests.Searching;

/// <summary>A search in rounds over the planted model, in this process: it finds what the full grid finds, with fewer rows, and a stop in its middle leaves no trace.</summary>
[Collection(Terminal.Collection)]
public sealed class SearchTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{ method: racing, items: 40, saving: 2.5 }", 4, "racing, round 2 of 4")]
    [InlineData("{ method: curve, items: 24, first: 4, rounds: 3 }", 3, "curve, round 2 of 3")]
    public async Task Run_SearchInRounds_FindsWhatTheGridFindsWithFewerRows(string search, int rounds, string middle)
    {
        var plan = Plan(search);
        string export;
        await using (var embedded = await StartAsync("whole.db"))
        {
            await EndAsync(embedded, plan);
            export = await ExportAsync(embedded.Store, plan);
            var searched = await RowAsync(embedded.Store, plan);
            var stages = SearchStages.Chain(plan);
            Assert.Equal(rounds, stages.Count);
            foreach (var stage in stages.Append(plan))
                Assert.Empty((await SweepAuditor.AuditAsync(embedded.Store, SweepIds.Of(stage), 0, 0, Token)).Audit.Problems);

            // What its record counts is what the ledger holds.
            var record = (await embedded.Store.LoadSummaryAsync(SweepIds.Of(plan), Token))!.Search!;
            var rows = 0L;
            foreach (var stage in stages.Append(plan))
                rows += (await embedded.Store.ReadCostAsync(SweepIds.Of(stage), Token)).Rows;
            Assert.Equal(record.ItemRuns, rows);
            Assert.InRange(record.ItemRuns, 1, record.GridItemRuns / 2);

            // The grid, in the same ledger, chooses among more scalars on more items: what it gains by that is next to nothing.
            var grid = plan with { Search = null };
            await EndAsync(embedded, grid);
            var whole = await RowAsync(embedded.Store, grid);
            Assert.Equal(EffectVerdict.Better, searched.Verdict);
            Assert.InRange(searched.Scalar!.Value, 0, 0.2);
            Assert.InRange(searched.Effect, 0.98 * whole.Effect, double.PositiveInfinity);
        }

        await using (var stopped = await StartAsync("stopped.db"))
        {
            await stopped.SubmitAsync(plan, "", Token);
            await UntilAsync(async () => (await stopped.GetStatusAsync(SweepIds.Of(plan))).Stage?.StartsWith(middle, StringComparison.Ordinal) == true);
        }

        await using var again = await StartAsync("stopped.db");
        Assert.Equal(SweepState.Submitted, (await again.Store.FindSweepAsync(SweepIds.Of(plan), Token))!.State);
        await EndAsync(again, plan);
        Assert.Equal(export, await ExportAsync(again.Store, plan));
    }

    private static SweepPlan Plan(string search) => PlanReader.Read(
        $$"""
        name: search
        models: ['{{Fixtures.Shipped("models", "mamba-mini-planted")}}']
        benchmarks: [{ name: triviaqa, data: '{{Fixtures.Shipped("benchmarks", "mini", "triviaqa.json")}}', items: 72 }]
        bottlenecks: [{ name: planted, layer: 8, channels: [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185] }]
        scalars: [0.02, 0.05, 0.1, 0.2, 0.5, 1.5, 2, 3]
        search: {{search}}
        controls: { random: 1 }
        decoding: { generate: false }
        """,
        "plan.yaml");

    private Task<EmbeddedSweep> StartAsync(string store) => EmbeddedSweep.StartAsync(new EmbeddedOptions { StorePath = Path.Combine(_folder.Path, store) }, Token);

    private static async Task EndAsync(EmbeddedSweep embedded, SweepPlan plan)
    {
        var id = SweepIds.Of(plan);
        await embedded.SubmitAsync(plan, "", Token);
        await UntilAsync(async () => (await embedded.Store.FindSweepAsync(id, Token))!.State.IsFinal());
        var sweep = (await embedded.Store.FindSweepAsync(id, Token))!;
        Assert.Equal((SweepState.Completed, null), (sweep.State, sweep.Reason));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var until = DateTime.UtcNow + Patience; !await condition(); await timer.WaitForNextTickAsync(Token))
            Assert.True(DateTime.UtcNow < until, $"waited for {Patience.TotalMinutes} minutes");
    }

    private static async Task<SummaryRow> RowAsync(ISweepStore store, SweepPlan plan) => Assert.Single((await store.LoadSummaryAsync(SweepIds.Of(plan), Token))!.Rows);

    private static async Task<string> ExportAsync(ISweepStore store, SweepPlan plan)
    {
        using var target = new MemoryStream();
        await SweepExporter.ExportAsync(store, SweepIds.Of(plan), ExportFormat.Json, withRun: false, target, Token);
        return Encoding.UTF8.GetString(target.ToArray());
    }
}
