using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Planning.Search;

namespace Sweep.Execution.Tests.Planning.Search;

/// <summary>11 scalars are halved to 6, 3 and 2; 40 selection items of "qa", 30 of "ifeval".</summary>
public sealed class RacingTests : IDisposable
{
    private static readonly SweepPlan Plan = SearchChain.Usual(new SearchPlan { Method = SearchPlan.Racing, Saving = 2 });
    private readonly SearchChain _chain = new(Plan);

    public void Dispose() => _chain.Dispose();

    [Fact]
    public async Task Rounds_OfAnySet_AreLongerEachTimeAndKeepTheBetterHalf()
    {
        await _chain.CompleteAsync();

        Assert.Equal(["stub.race-1", "stub.race-2", "stub.race-3", "stub.race-4"], _chain.Stages.Select(stage => stage.Plan.Name));
        var first = _chain.Stages[0].Resolved;
        Assert.Equal(["qa", "ifeval"], first.Benchmarks.Select(benchmark => benchmark.Name));
        for (var round = 0; round < 4; round++)
        {
            var resolved = _chain.Stages[round].Resolved;
            foreach (var (index, benchmark) in resolved.Benchmarks.Index())
            {
                // The same order for all: each round's items begin with those of the one before.
                var selection = _chain.Grid.Benchmarks[index + 1].Items.Where(item => item.Split == ItemSplit.Selection).Select(item => item.Id).ToArray();
                Assert.Equal(selection.Take(benchmark.Items.Count), benchmark.Items.Select(item => item.Id));
                Assert.Equal(round == 3, benchmark.Items.Count == selection.Length);
                Assert.True(round == 0 || benchmark.Items.Count > _chain.Stages[round - 1].Resolved.Benchmarks[index].Items.Count);
            }

            foreach (var (index, bottleneck) in resolved.Bottlenecks.Index())
            {
                int[] kept = bottleneck.Name switch { "b" => [11, 6, 3, 2], "few" => [3, 2, 1, 1], _ => [0, 0, 0, 0] };
                foreach (var entry in bottleneck.Round!)
                {
                    Assert.Equal(kept[round], entry.Scalars.Count);
                    Assert.Equal(bottleneck.Name == "gone" ? [null] : entry.Scalars.Append(1).Order().Select(scalar => (double?)scalar), bottleneck.ScalarsOn(entry.Benchmark));
                    Assert.Equal(kept[0], entry.Scalars.Concat(entry.Dropped.Select(trial => trial.Scalar)).Distinct().Count());
                    if (round == 0)
                        continue;
                    var (_, before) = _chain.Stages[round - 1];
                    var items = before.Benchmarks[entry.Benchmark].Items.Count;
                    var (worst, best) = (double.PositiveInfinity, double.NegativeInfinity);
                    foreach (var scalar in before.Bottlenecks[index].Round![entry.Benchmark].Scalars)
                    {
                        var mean = await _chain.MeanAsync(before, entry.Benchmark, index, scalar, items);
                        (worst, best) = entry.Scalars.Contains(scalar) ? (Math.Min(worst, mean), best) : (worst, Math.Max(best, mean));
                    }

                    Assert.True(worst >= best);
                }
            }
        }

        Assert.True(_chain.Stages[3].Resolved.Bottlenecks.Where(bottleneck => bottleneck.Name == "b").SelectMany(bottleneck => bottleneck.Round!).Select(entry => string.Join(' ', entry.Scalars)).Distinct().Count() > 4);
    }

    [Fact]
    public async Task LastStage_AfterTheRounds_HasEachSetAtTheWinnerAndTellsWhatWasTried()
    {
        var last = await _chain.CompleteAsync();
        var (_, final) = _chain.Stages[^1];

        Assert.All(last.Benchmarks, benchmark => Assert.All(benchmark.Items, item => Assert.Equal(ItemSplit.Test, item.Split)));
        foreach (var (index, bottleneck) in last.Bottlenecks.Index())
        {
            foreach (var choice in bottleneck.Choices!)
            {
                if (bottleneck.Name == "gone")
                {
                    Assert.Empty(choice.Trials!);
                    continue;
                }

                var entry = final.Bottlenecks[index].Round![choice.Benchmark - 1];
                Assert.Contains(choice.Scalar!.Value, entry.Scalars.Append(1));
                Assert.Equal(_chain.Grid.Bottlenecks[index].Scalars.Count, choice.Tried);
                Assert.Equal(_chain.Grid.Bottlenecks[index].Scalars.Where(scalar => scalar != 1), choice.Trials!.Select(trial => trial.Scalar).Order());
                Assert.Null(choice.Gain?.Corrected);
                Assert.Equal(bottleneck.Role == BottleneckRole.Bottleneck, choice.Gain is not null);

                // How long each ran, and the score it was dropped at.
                foreach (var trial in choice.Trials!)
                {
                    var (_, resolved) = _chain.Stages[(trial.DroppedAfter ?? 4) - 1];
                    Assert.Equal(resolved.Benchmarks[choice.Benchmark - 1].Items.Count, trial.Items);
                    var steered = await _chain.MeanAsync(resolved, choice.Benchmark - 1, index, trial.Scalar, trial.Items);
                    var baseline = await _chain.MeanAsync(resolved, choice.Benchmark - 1, index, 1, trial.Items);
                    Assert.Equal(steered - baseline, trial.Effect!.Value, 1e-9);
                }
            }
        }
    }

    [Fact]
    public async Task Record_OfTheRounds_CountsEachRowOnce()
    {
        var last = await _chain.CompleteAsync();
        var search = (await _chain.SummarizeAsync(Plan, last)).Search!;

        Assert.Equal(("racing", SweepIds.Of(_chain.Stages[^1].Plan), 40), (search.Method, search.Stage, search.Items));
        Assert.Equal(SearchChain.Rows([.. _chain.Stages, (Plan, last)]), search.ItemRuns);
        Assert.Equal(SearchChain.Rows([(Plan, _chain.Grid)]), search.GridItemRuns);
        Assert.True(search.ItemRuns < search.GridItemRuns && search.BlockPasses < search.GridBlockPasses);

        // 2 benchmarks; 4 sets each of 11 scalars, of an ablation, of 3 scalars.
        Assert.Equal(2 * 4 * (11 + 1 + 3), search.Configurations);
        Assert.Equal([2 * 4 * 15, 2 * 4 * (6 + 1 + 2), 2 * 4 * (3 + 1 + 1), 2 * 4 * (2 + 1 + 1)], search.Rounds!.Select(round => round.Configurations));
        Assert.Equal(_chain.Stages.Select(stage => SweepIds.Of(stage.Plan)), search.Rounds!.Select(round => round.Stage));
        Assert.Equal(SearchChain.Rows(_chain.Stages), search.Rounds!.Sum(round => round.ItemRuns));
        Assert.Equal(_chain.Stages.Select(stage => stage.Resolved.Benchmarks.Max(benchmark => benchmark.Items.Count)), search.Rounds!.Select(round => round.Items));
    }

    [Fact]
    public async Task Summary_OfTheLastStage_HasTheTrialsOfItsRows()
    {
        var last = await _chain.CompleteAsync();
        var rows = (await _chain.SummarizeAsync(Plan, last)).Rows;

        Assert.Equal(6, rows.Count);
        Assert.All(rows, row => Assert.Equal(row.Bottleneck switch { "b" => 11, "few" => 3, _ => 0 }, row.Trials!.Count));
        Assert.All(rows.Where(row => row.Bottleneck == "b" && row.Scalar != 1), row => Assert.Null(row.Trials!.Single(trial => trial.Scalar == row.Scalar).DroppedAfter));
    }

    [Fact]
    public async Task Summary_OfARound_IsMade()
    {
        await _chain.CompleteAsync();

        var summary = await _chain.SummarizeAsync(_chain.Stages[1].Plan, _chain.Stages[1].Resolved);
        Assert.All(summary.Rows, row => Assert.Equal(0, row.TestItems));
        Assert.Equal(2, summary.Search!.Rounds!.Count);
    }

    [Fact]
    public async Task ResolveAsync_StagesAgain_KeepWhatWasDecidedFirst()
    {
        var last = await _chain.CompleteAsync();
        _chain.Ledger.Salt = "other rows";

        Assert.All(_chain.Stages, stage => Assert.Equal(Text(stage.Resolved), Text(_chain.ResolveAsync(stage.Plan).GetAwaiter().GetResult())));
        Assert.Equal(Text(last), Text(await _chain.ResolveAsync(Plan)));
    }

    [Fact]
    public async Task ResolveAsync_RoundBeforeTheOneBeforeIt_IsAMistake()
    {
        var second = SearchStages.Chain(Plan)[1];

        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => _chain.ResolveAsync(second));
        Assert.Contains(SweepIds.Of(SearchStages.Before(second)!), missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlannedSearch_BeforeAnythingRuns_KnowsTheSizeOfEveryRound()
    {
        var last = await _chain.CompleteAsync();
        var planned = PlannedSearch.Of(Plan, _chain.Grid)!;

        Assert.Equal(Text(last.Search!.Rounds), Text(planned.Record.Rounds));
        Assert.Equal(_chain.Stages.Select(stage => SweepIds.Of(stage.Plan)), planned.Stages.Select(stage => SweepIds.Of(stage.Plan)));
        Assert.Equal(planned.Record.Rounds!.Select(round => round.ItemRuns), planned.Stages.Select(stage => SearchChain.Rows([(stage.Plan, stage.Added())])));
        Assert.InRange(last.Search.ItemRuns, 1, planned.Record.ItemRuns);
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, SweepJson.Options);
}
