using System.Text.Json;
using Spectre.Console;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Running;

/// <summary>A job with its rows in the ledger.</summary>
internal sealed class RecordedJob
{
    /// <summary>Items of one micro-batch of a replay.</summary>
    private const int ItemsAtOnce = 16;

    private readonly JobSpec _job;
    private readonly IReadOnlyList<ItemResult> _rows;

    private RecordedJob(JobSpec job, IReadOnlyList<ItemResult> rows)
    {
        _job = job;
        _rows = rows;
    }

    /// <summary>Looks through the sweeps, newest first, for a job of this id or beginning of an id, and takes its rows of all their items.</summary>
    public static async Task<RecordedJob> FindAsync(ISweepStore store, string id, CancellationToken cancellationToken)
    {
        var found = new Dictionary<JobId, JobSpec>();
        var items = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sweep in await store.ListSweepsAsync(cancellationToken))
        {
            if (await store.LoadResolutionAsync(sweep.Id, cancellationToken) is not { } resolved)
                continue;
            foreach (var (job, benchmark) in PlanExpander.Jobs(sweep.Plan, resolved).Where(pair => pair.Job.Id.Value.StartsWith(id, StringComparison.Ordinal)))
            {
                found[job.Id] = job;
                items.UnionWith(resolved.Benchmarks[benchmark].Items.Select(item => item.Id));
            }
        }

        if (found.Count != 1)
            throw new UsageException(found.Count == 0 ? $"found no job '{id}' in the store" : $"found {found.Count} jobs that begin with '{id}', expected one");
        var rows = new List<ItemResult>();
        await foreach (var row in store.ReadItemResultsAsync([.. found.Keys], items, cancellationToken))
            rows.Add(row);
        return rows.Count > 0 ? new RecordedJob(found.Values.Single(), rows) : throw new UsageException($"job {found.Keys.Single()}: found no recorded item to compare with");
    }

    public async Task<ReplayOutcome> ReplayAsync(IJobRunner runner, CancellationToken cancellationToken)
    {
        var batch = new JobBatch
        {
            Id = "replay/0",
            SweepId = "replay",
            Jobs = [_job],
            ItemIds = [.. _rows.Select(row => row.ItemId)],
            MicroBatches =
            [
                .. Enumerable.Range(0, (_rows.Count + ItemsAtOnce - 1) / ItemsAtOnce).Select(part => new MicroBatch
                {
                    FirstItem = part * ItemsAtOnce,
                    ItemCount = Math.Min(ItemsAtOnce, _rows.Count - part * ItemsAtOnce),
                    FirstJob = 0,
                    JobCount = 1,
                }),
            ],
        };
        var again = new Dictionary<string, ItemResult>(StringComparer.Ordinal);
        await foreach (var result in runner.RunAsync(batch, new HashSet<(JobId, string)>(), cancellationToken))
        {
            foreach (var row in result.Rows)
                again[row.ItemId] = row;
        }

        var different = _rows.Where(row => !again.TryGetValue(row.ItemId, out var now) || Canonical(now) != Canonical(row)).Select(row => row.ItemId).ToArray();
        return new ReplayOutcome { Job = _job.Id, Items = _rows.Count, Different = different };
    }

    /// <summary>A row's bytes in an export, metrics in order.</summary>
    private static string Canonical(ItemResult row) => JsonSerializer.Serialize(
        row with { Metrics = new SortedDictionary<string, double>(row.Metrics.ToDictionary(), StringComparer.Ordinal) }, SweepJson.Options);
}

/// <summary>What a replay found.</summary>
internal sealed record ReplayOutcome
{
    public required JobId Job { get; init; }

    /// <summary>Items compared.</summary>
    public required int Items { get; init; }

    /// <summary>Items whose row is not the recorded one, bit for bit.</summary>
    public required IReadOnlyList<string> Different { get; init; }

    public void Print(IAnsiConsole console)
    {
        console.WriteLine($"job {Job}: {Items} items compared, {Different.Count} differ");
        foreach (var item in Different.Take(10))
            console.WriteLine($"  {item}");
    }
}
