using Sweep.Cli.Commands;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Comparing;

/// <summary>One of the two sweeps: its cells, its answer, and its rows by what they measure, whatever they were made with.</summary>
internal sealed class SweepSide
{
    private readonly ISweepStore _store;

    private SweepSide(ISweepStore store, SweepRecord sweep, ResolvedPlan resolved, SweepSummary summary)
    {
        (_store, Sweep, Resolved, Summary) = (store, sweep, resolved, summary);
        Cells = [.. PlanExpander.Cells(sweep.Plan, resolved)];
        Jobs = PlanExpander.Jobs(sweep.Plan, resolved).ToDictionary(pair => (Key(pair.Job.Identity), pair.Benchmark), pair => pair.Job);
    }

    public SweepRecord Sweep { get; }

    public ResolvedPlan Resolved { get; }

    public SweepSummary Summary { get; }

    public IReadOnlyList<SweepCell> Cells { get; }

    /// <summary>By identity without engine and precision, and the benchmark's index.</summary>
    public IReadOnlyDictionary<(JobId Key, int Benchmark), JobSpec> Jobs { get; }

    public ComparedSweep Facts => new(Sweep.Id, Resolved.NumericsId, Sweep.Plan.Precision);

    /// <exception cref="WrongInputException">It has no results.</exception>
    public static async Task<SweepSide> OpenAsync(ISweepStore store, SweepRecord sweep, CancellationToken cancellationToken)
    {
        var resolved = await store.LoadResolutionAsync(sweep.Id, cancellationToken)
            ?? throw new WrongInputException($"{sweep.Id}: found no results (it is {sweep.State.ToString().ToLowerInvariant()}), expected a sweep that has run");
        return new(store, sweep, resolved, await store.LoadSummaryAsync(sweep.Id, cancellationToken) ?? await ShowCommand.SummarizeAsync(store, sweep.Id, cancellationToken));
    }

    public static JobId Key(JobIdentity identity) => JobId.Of(identity with { NumericsId = "", Precision = "" });

    /// <summary>A benchmark's rows of these jobs.</summary>
    public async Task<Dictionary<(JobId Job, string Item), ItemResult>> ReadAsync(IReadOnlyList<JobSpec> jobs, int benchmark, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<(JobId, string), ItemResult>();
        string[] items = [.. Resolved.Benchmarks[benchmark].Items.Select(item => item.Id)];
        await foreach (var row in _store.ReadItemResultsAsync([.. jobs.Select(job => job.Id)], items, cancellationToken))
            rows[(row.JobId, row.ItemId)] = row;
        return rows;
    }
}
