using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Audits;

/// <summary>
/// Holds a sweep's ledger against its plan and against its attempts. It uses no count that the running system keeps for itself: what should be there comes from the plan, what is there from
/// the rows.
/// </summary>
public static class SweepAuditor
{
    private const int JobsAtOnce = 500;

    /// <param name="store">Holds the sweep.</param>
    /// <param name="sweepId">A sweep whose plan is resolved.</param>
    /// <param name="sample">Rows to draw.</param>
    /// <param name="seed">What draws them.</param>
    /// <param name="cancellationToken">Ends the audit.</param>
    public static async Task<(SweepAudit Audit, AuditSample Sample)> AuditAsync(ISweepStore store, string sweepId, int sample, int seed, CancellationToken cancellationToken)
    {
        var sweep = await store.FindSweepAsync(sweepId, cancellationToken) ?? throw new ArgumentException($"sweep {sweepId}: found none in the store");
        var resolved = await store.LoadResolutionAsync(sweepId, cancellationToken) ?? throw new ArgumentException($"sweep {sweepId}: found no resolved plan, expected a sweep that has begun to run");
        var jobs = PlanExpander.Jobs(sweep.Plan, resolved).ToArray();
        var rows = store as IAuditedRows ?? throw new ArgumentException("not a store of this library", nameof(store));
        var (audit, drawn) = await rows.AtOneMomentAsync(reader => AuditAsync(reader, sweepId, resolved, jobs, new SampleDraw(sample, seed), cancellationToken), cancellationToken);
        return (audit, await ReadAsync(store, drawn, cancellationToken));
    }

    private static async Task<(SweepAudit Audit, SampleDraw Drawn)> AuditAsync(
        IAuditReader reader, string sweepId, ResolvedPlan resolved, (JobSpec Job, int Benchmark)[] jobs, SampleDraw draw, CancellationToken cancellationToken)
    {
        var (state, reason, late) = await reader.ReadSweepAsync(sweepId);
        var batches = await reader.ReadBatchesAsync(sweepId);
        var attempts = await reader.ReadAttemptsAsync(sweepId);
        var problems = new List<string>();
        problems.AddRange(MissingJobs(state, jobs, await reader.ReadJobsAsync(sweepId)));

        var coverage = new JobCoverage(state, reason, batches);
        var marks = new MarkCounts();
        var incomplete = new List<IncompleteJob>();
        var (expected, recorded, other) = (0L, 0L, 0L);
        var items = resolved.Benchmarks.Select(benchmark => benchmark.Items.Select(item => item.Id).Distinct(StringComparer.Ordinal).ToArray()).ToArray();
        var counted = new HashSet<JobId>();
        foreach (var chunk in jobs.Chunk(JobsAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = chunk.Select(pair => pair.Job.Id).Distinct().ToDictionary(job => job, _ => new HashSet<string>(StringComparer.Ordinal));
            await reader.EachRowAsync([.. found.Keys], (job, item, mark) =>
            {
                found[job].Add(item);
                if (!counted.Contains(job))
                    marks.Add(mark);
            });
            counted.UnionWith(found.Keys);
            foreach (var (job, benchmark) in chunk)
            {
                var there = items[benchmark].Where(found[job.Id].Contains).ToArray();
                expected += items[benchmark].Length;
                recorded += there.Length;
                other += found[job.Id].Count - there.Length;
                draw.Offer(job, there);
                if (there.Length == items[benchmark].Length)
                    continue;
                var reasons = coverage.Explain(job.Id, items[benchmark].Except(there, StringComparer.Ordinal), out var unexplained);
                incomplete.Add(new IncompleteJob
                {
                    Job = job.Id,
                    Benchmark = resolved.Benchmarks[benchmark].Name,
                    Expected = items[benchmark].Length,
                    Missing = items[benchmark].Length - there.Length,
                    Reasons = reasons,
                });
                if (unexplained > 0)
                    problems.Add($"job {job.Id} on {resolved.Benchmarks[benchmark].Name}: {unexplained} of {items[benchmark].Length} items have no row, and nothing says why");
            }
        }

        var orphans = await reader.CountOrphansAsync();
        if (orphans.Total > 0)
            problems.Add($"{orphans.Total} rows of the store refer to nothing");
        var others = marks.HasForeign(attempts) ? await reader.ReadOtherAttemptsAsync(sweepId) : [];
        var account = marks.Settle(attempts, others, late, problems);
        AttemptChecks.Run(batches, attempts, problems);
        return (new SweepAudit
        {
            Sweep = sweepId,
            State = state,
            Problems = problems,
            Jobs = jobs.Length,
            RowsExpected = expected,
            RowsRecorded = recorded,
            RowsOfOtherItemSets = other,
            Incomplete = incomplete,
            Account = account,
            Orphans = orphans,
            Batches = batches.GroupBy(batch => batch.Status).OrderBy(group => group.Key).ToDictionary(group => group.Key, group => group.Count()),
            Attempts = attempts,
        }, draw);
    }

    private static IEnumerable<string> MissingJobs(SweepState state, (JobSpec Job, int Benchmark)[] jobs, HashSet<(JobId Job, int Benchmark)> stored)
    {
        var planned = jobs.Select(pair => (pair.Job.Id, pair.Benchmark)).ToHashSet();
        var missing = planned.Count(job => !stored.Contains(job));
        if (missing > 0 && state == SweepState.Completed)
            yield return $"{missing} of {planned.Count} jobs of the plan are not among the sweep's";
        var strange = stored.Count(job => !planned.Contains(job));
        if (strange > 0)
            yield return $"{strange} jobs of the sweep are none of its plan";
    }

    private static async Task<AuditSample> ReadAsync(ISweepStore store, SampleDraw drawn, CancellationToken cancellationToken)
    {
        var rows = new List<(JobSpec, Contracts.Results.ItemResult)>();
        foreach (var job in drawn.Drawn.GroupBy(pair => pair.Job.Id))
        {
            await foreach (var row in store.ReadItemResultsAsync([job.Key], [.. job.Select(pair => pair.Item)], cancellationToken))
                rows.Add((job.First().Job, row));
        }

        return new AuditSample { Rows = rows };
    }
}
