using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Planning.Search;

/// <summary>A stage of a search before anything runs.</summary>
/// <param name="Plan">Its own.</param>
/// <param name="Resolved">As it will be, or of the same size.</param>
/// <param name="Before">The stage that it continues, whose rows are there by then; null: there is none.</param>
public sealed record PlannedStage(SweepPlan Plan, ResolvedPlan Resolved, ResolvedPlan? Before)
{
    /// <summary>What it adds to the stage before it: further items of its scalars or, on the same items, further scalars.</summary>
    public ResolvedPlan Added()
    {
        if (Before is null)
            return Resolved;
        var goesOn = Resolved.Benchmarks.Zip(Before.Benchmarks, GoesOn).ToArray();
        return Resolved with
        {
            Benchmarks = [.. Resolved.Benchmarks.Zip(Before.Benchmarks, (now, before) => GoesOn(now, before) ? now with { Items = [.. now.Items.Skip(before.Items.Count)] } : now)],
            Bottlenecks =
            [
                .. Resolved.Bottlenecks.Zip(Before.Bottlenecks, (now, before) => now with
                {
                    Round = [.. now.Round!.Zip(before.Round!, (entry, known) => goesOn[entry.Benchmark] ? entry : entry with { Scalars = [.. entry.Scalars.Except(known.Scalars)] })],
                }),
            ],
        };
    }

    /// <summary>Jobs, by benchmark, that the stage before it has on all items of <see cref="Added"/>: the baseline's, and those of ablations.</summary>
    public IEnumerable<(JobId Job, int Benchmark)> Known() => Before is null
        ? []
        : PlanExpander.Jobs(Plan, Before).Where(job => !GoesOn(Resolved.Benchmarks[job.Benchmark], Before.Benchmarks[job.Benchmark])).Select(job => (job.Job.Id, job.Benchmark));

    private static bool GoesOn(ResolvedBenchmark now, ResolvedBenchmark before) => now.Items.Count > before.Items.Count;
}

/// <summary>The stages of a search before anything runs; of the last one what it comes to at most.</summary>
public sealed record PlannedSearch
{
    private PlannedSearch(SweepPlan plan, ResolvedPlan grid)
    {
        var stages = new List<PlannedStage>();
        Record = SearchRecord.Begin(plan, grid);
        foreach (var stage in SearchStages.Chain(plan).Where(stage => !ImpactStages.IsOne(stage)))
        {
            var before = stages.LastOrDefault()?.Resolved;
            var resolved = stage.Search switch
            {
                { Round: null } search => SelectionStage.Screening(grid, search.Items ?? SearchPlan.UsualItems),
                _ => RoundStage.Of(stage, grid, before, before is null ? RoundStage.First(stage, grid) : RoundStage.Next(stage, before, RoundStage.Unknown(before))),
            };
            stages.Add(new PlannedStage(stage, resolved, before));
            Record = Record.With(stage, resolved, before);
        }

        Stages = stages;
        Frozen = FrozenStage.AtMost(grid);
        Record = Record.Ending(Frozen);
    }

    /// <summary>Before the last one.</summary>
    public IReadOnlyList<PlannedStage> Stages { get; }

    public ResolvedPlan Frozen { get; }

    public SearchRecord Record { get; }

    /// <param name="plan">As its user wrote it.</param>
    /// <param name="grid">The same plan without its search, resolved.</param>
    /// <returns>Null: the plan is a full grid.</returns>
    /// <exception cref="InvalidPlanException">It has too few items for its stages.</exception>
    public static PlannedSearch? Of(SweepPlan plan, ResolvedPlan grid) => SearchStages.BeforeInSearch(plan) is null ? null : new PlannedSearch(plan, grid);
}
