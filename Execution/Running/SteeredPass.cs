using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;

namespace Sweep.Execution.Running;

/// <summary>Rows of interventions that want the same of the same items, so that one prefill serves all of it.</summary>
internal sealed record SteeredPass
{
    /// <summary>Item ids, in the batch's order.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>Distinct interventions; each row has one job a measure.</summary>
    public required IReadOnlyList<PassRow> Rows { get; init; }

    public required IReadOnlySet<Measure> Measures { get; init; }

    public int? MaxNewTokens { get; init; }

    public int? ContextLimit { get; init; }

    /// <summary>Plain text: see <see cref="JobIdentity.Window"/>.</summary>
    public int? Window { get; init; }

    public int? Stride { get; init; }
}

/// <summary>One row: its interventions and the jobs it answers.</summary>
internal sealed record PassRow(IReadOnlyList<InterventionSpec> Interventions, IReadOnlyDictionary<Measure, JobSpec> Jobs);

/// <summary>Turns what is left of a micro-batch into as few passes as possible. Jobs of a batch share model and benchmark file.</summary>
internal static class PassPlanner
{
    public static IReadOnlyList<SteeredPass> Plan(JobBatch batch, MicroBatch micro, IReadOnlySet<(JobId Job, string Item)> recorded)
    {
        var items = batch.ItemIds.Skip(micro.FirstItem).Take(micro.ItemCount).ToArray();
        var jobs = batch.Jobs.Skip(micro.FirstJob).Take(micro.JobCount)
            .Where(job => items.Any(item => !recorded.Contains((job.Id, item))))
            .ToArray();
        var left = items.Where(item => jobs.Any(job => !recorded.Contains((job.Id, item)))).ToArray();
        var rows = jobs.GroupBy(job => RowKey(job.Identity)).Select(group => new
        {
            group.First().Identity,
            Jobs = group.DistinctBy(job => job.Id).ToArray(),
        });

        return [.. rows
            .SelectMany(row => ByMeasure(row.Jobs).Select(jobsOfRow => (row.Identity, Jobs: jobsOfRow)))
            .GroupBy(row => (
                row.Identity.ContextLimit,
                row.Identity.Window,
                row.Identity.Stride,
                MaxNewTokens: row.Jobs.GetValueOrDefault(Measure.Generation)?.Identity.MaxNewTokens,
                Measures: string.Join(',', row.Jobs.Keys.Order())))
            .Select(group => new SteeredPass
            {
                Items = left,
                Rows = [.. group.Select(row => new PassRow(row.Identity.Interventions, row.Jobs))],
                Measures = group.First().Jobs.Keys.ToHashSet(),
                MaxNewTokens = group.Key.MaxNewTokens,
                ContextLimit = group.Key.ContextLimit,
                Window = group.Key.Window,
                Stride = group.Key.Stride,
            })];
    }

    /// <summary>One job a measure; jobs that differ in their generation's length only go to passes of their own.</summary>
    private static IEnumerable<Dictionary<Measure, JobSpec>> ByMeasure(IReadOnlyList<JobSpec> jobs)
    {
        var byMeasure = jobs.GroupBy(job => job.Identity.Measure).Select(group => group.ToArray()).ToArray();
        for (var index = 0; index < byMeasure.Max(group => group.Length); index++)
            yield return byMeasure.Where(group => group.Length > index).ToDictionary(group => group[index].Identity.Measure, group => group[index]);
    }

    /// <summary>Everything of a job but what is measured.</summary>
    private static JobId RowKey(JobIdentity identity) => JobId.Of(identity with { Measure = Measure.LogLikelihood, MaxNewTokens = null });
}
