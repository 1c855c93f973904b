using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Planning.Search;

namespace Sweep.Execution.Tests.Planning.Search;

/// <summary>4 of 11 scalars first, then one more in each of two rounds, on 20 of 40 (30) selection items.</summary>
public sealed class CurveTests : IDisposable
{
    private static readonly SweepPlan Plan = SearchChain.Usual(new SearchPlan { Method = SearchPlan.Curve, Items = 20, First = 4, Rounds = 3 });
    private readonly SearchChain _chain = new(Plan);

    public void Dispose() => _chain.Dispose();

    [Fact]
    public async Task Rounds_OfAnySet_AddWhatTheCurveExpectsMostOf()
    {
        await _chain.CompleteAsync();

        Assert.Equal(["stub.fit-1", "stub.fit-2", "stub.fit-3"], _chain.Stages.Select(stage => stage.Plan.Name));
        for (var round = 0; round < 3; round++)
        {
            var resolved = _chain.Stages[round].Resolved;
            Assert.All(resolved.Benchmarks, benchmark => Assert.Equal(20, benchmark.Items.Count));
            foreach (var (index, bottleneck) in resolved.Bottlenecks.Index())
            {
                foreach (var entry in bottleneck.Round!)
                {
                    Assert.Empty(entry.Dropped);
                    Assert.Equal(bottleneck.Name switch { "b" => 4 + round, "few" => 3, _ => 0 }, entry.Scalars.Count);
                    if (round == 0)
                        Assert.Equal(bottleneck.Name switch { "b" => [0.05, 0.5, 3, 10], "few" => [0.5, 2, 3], _ => [] }, entry.Scalars);
                    if (round == 0 || bottleneck.Name != "b")
                        continue;
                    var before = _chain.Stages[round - 1].Resolved.Bottlenecks[index].Round![entry.Benchmark].Scalars;
                    var added = Assert.Single(entry.Scalars.Except(before));
                    Assert.Equal(entry.Scalars, before.Append(added).Order());
                    Assert.Contains(added, bottleneck.Scalars);
                }
            }
        }

        Assert.True(_chain.Stages[2].Resolved.Bottlenecks.Where(bottleneck => bottleneck.Name == "b").SelectMany(bottleneck => bottleneck.Round!).Select(entry => string.Join(' ', entry.Scalars)).Distinct().Count() > 1);
    }

    [Fact]
    public async Task LastStage_AfterTheRounds_HasTheBestOfWhatWasTried()
    {
        var last = await _chain.CompleteAsync();
        var (_, final) = _chain.Stages[^1];

        foreach (var (index, bottleneck) in last.Bottlenecks.Index().Where(pair => pair.Item.Name == "b"))
        {
            foreach (var choice in bottleneck.Choices!)
            {
                Assert.Equal(final.Bottlenecks[index].Round![choice.Benchmark - 1].Scalars, choice.Trials!.Select(trial => trial.Scalar).Order());
                Assert.All(choice.Trials!, trial => Assert.Equal((20, null), (trial.Items, trial.DroppedAfter)));
                Assert.Equal((7, 20), (choice.Tried, choice.SelectionItems));
                var best = Math.Max(0, choice.Trials!.Max(trial => trial.Effect!.Value));
                Assert.Equal(best, choice.Scalar == 1 ? 0 : choice.Trials!.Single(trial => trial.Scalar == choice.Scalar).Effect!.Value);
            }
        }
    }

    [Fact]
    public async Task Record_OfTheRounds_CountsEachRowOnce()
    {
        var last = await _chain.CompleteAsync();
        var search = (await _chain.SummarizeAsync(Plan, last)).Search!;

        Assert.Equal(("curve", SweepIds.Of(_chain.Stages[^1].Plan), 20), (search.Method, search.Stage, search.Items));
        Assert.Equal(SearchChain.Rows([.. _chain.Stages, (Plan, last)]), search.ItemRuns);
        Assert.Equal(2 * 4 * (6 + 1 + 3), search.Configurations);
        Assert.Equal([2 * 4 * (4 + 1 + 3), 2 * 4 * (5 + 1 + 3), 2 * 4 * (6 + 1 + 3)], search.Rounds!.Select(round => round.Configurations));
        Assert.Equal([2L * 4 * 20, 2 * 4 * 20], search.Rounds!.Skip(1).Select(round => round.ItemRuns));
    }

    [Fact]
    public async Task PlannedSearch_BeforeAnythingRuns_KnowsTheSizeOfEveryRound()
    {
        var last = await _chain.CompleteAsync();
        var planned = PlannedSearch.Of(Plan, _chain.Grid)!;

        Assert.Equal(JsonSerializer.Serialize(last.Search!.Rounds, SweepJson.Options), JsonSerializer.Serialize(planned.Record.Rounds, SweepJson.Options));
        foreach (var (stage, round) in planned.Stages.Zip(planned.Record.Rounds!))
        {
            var (added, known) = (stage.Added(), stage.Known().ToHashSet());
            Assert.Equal(round.ItemRuns, PlanExpander.Jobs(stage.Plan, added).Where(job => !known.Contains((job.Job.Id, job.Benchmark))).Sum(job => (long)added.Benchmarks[job.Benchmark].Items.Count));
        }
    }

    [Fact]
    public async Task ResolveAsync_StagesAgain_KeepWhatWasDecidedFirst()
    {
        await _chain.CompleteAsync();
        _chain.Ledger.Salt = "other rows";

        foreach (var stage in _chain.Stages)
            Assert.Equal(JsonSerializer.Serialize(stage.Resolved, SweepJson.Options), JsonSerializer.Serialize(await _chain.ResolveAsync(stage.Plan), SweepJson.Options));
    }
}
