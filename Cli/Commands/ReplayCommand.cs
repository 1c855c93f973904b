using System.CommandLine;
using System.Text.Json;
using Sweep.Cli.Replaying;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Commands;

/// <summary>`sweep replay JOB`: runs a recorded job again and compares every item.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var job = new Argument<string>("job") { Description = "A job's id, or its beginning." };
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("replay", "Run a recorded job again and compare it with the ledger, item by item.") { job, store, json };
        var roots = new FileRoots(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folders = roots.Of(parsed);
            var results = await parsed.GetValue(store)!.OpenAsync(cancellationToken);
            var (spec, items) = await FindAsync(results, parsed.GetValue(job)!, cancellationToken);
            var recorded = await results.ReadItemResultsAsync([spec.Id], items, cancellationToken).ToDictionaryAsync(row => row.ItemId, StringComparer.Ordinal, cancellationToken);
            if (recorded.Count == 0)
                throw new WrongInputException($"job {spec.Id}: found no recorded item, expected a job that has run");
            var found = await RunAsync(results, spec, [.. items.Where(recorded.ContainsKey)], folders, cancellationToken);
            var matches = found.ToLookup(row => RowComparison.Of(spec.Identity, recorded[row.ItemId], row).Match, row => row.ItemId);
            string[] Of(RowMatch match) => [.. matches[match].Order(StringComparer.Ordinal)];
            var (different, flipped, near) = (Of(RowMatch.Different), Of(RowMatch.Flipped), matches[RowMatch.Near].Count());
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(new { Job = spec.Id.Value, Items = found.Count, Different = different, Near = near, Flipped = flipped }, SweepJson.Indented));
            }
            else
            {
                var packing = NumericsIds.DependOnPacking(spec.Identity.NumericsId) ? $"; packed otherwise, {near} moved within tolerance and {flipped.Length} flipped" : "";
                Console.WriteLine($"job {spec.Id}: {found.Count} items run again, {different.Length} different{packing}{string.Concat(different.Take(20).Select(id => $"\n  {id}"))}");
            }

            return different.Length == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>The job, and the items it has in the sweeps of the store.</summary>
    private static async Task<(JobSpec Job, IReadOnlyCollection<string> Items)> FindAsync(ISweepStore store, string prefix, CancellationToken cancellationToken)
    {
        if (prefix.Length == 0)
            throw new WrongInputException("job: found nothing, expected a job's id or its beginning ('sweep export' names them)");
        var found = new Dictionary<JobId, JobSpec>();
        var items = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var sweep in await store.ListSweepsAsync(cancellationToken))
        {
            if (await store.LoadResolutionAsync(sweep.Id, cancellationToken) is not { } resolved)
                continue;
            foreach (var (job, benchmark) in PlanExpander.Jobs(sweep.Plan, resolved))
            {
                if (!job.Id.Value.StartsWith(prefix, StringComparison.Ordinal))
                    continue;
                found.TryAdd(job.Id, job);
                items.UnionWith(resolved.Benchmarks[benchmark].Items.Select(item => item.Id));
            }
        }

        return found.Count switch
        {
            1 => (found.Values.First(), items),
            0 => throw new WrongInputException($"job '{prefix}': found none whose id begins so, expected one of a sweep of this store ('sweep export' names them)"),
            var many => throw new WrongInputException($"job '{prefix}': found {many} whose ids begin so, expected one ('sweep export' names them)"),
        };
    }

    private static async Task<IReadOnlyList<ItemResult>> RunAsync(ISweepStore store, JobSpec job, string[] items, string[] roots, CancellationToken cancellationToken)
    {
        await using var replay = new JobReplay(store, roots);
        try
        {
            return await replay.RunAsync(job, items, cancellationToken);
        }
        catch (JobFaultedException exception)
        {
            throw new WrongInputException($"job {job.Id}: {exception.Message}");
        }
    }
}
