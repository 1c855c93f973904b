using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli;

/// <summary>
/// A sweep is its plan, which names files but not their contents: when a plan is run again after its files have changed, neither are the old results an answer nor can they be continued.
/// </summary>
internal static class ChangedFiles
{
    /// <exception cref="WrongInputException">A file has other contents than when the sweep began.</exception>
    public static async Task RefuseAsync(SweepPlan plan, string sweepId, ISweepStore store, EmbeddedOptions options, CancellationToken cancellationToken)
    {
        if (await store.FindSweepAsync(sweepId, cancellationToken) is not { } sweep
            || await LatestResolution.FindAsync(store, plan, cancellationToken) is not { } before
            || !Named(plan, options.Roots).Any(path => File.GetLastWriteTimeUtc(path) > sweep.SubmittedAt.UtcDateTime))
            return;
        await using var services = EmbeddedSweep.CreateServices(store, options);
        // Of a hub's models the commits of then: a branch that moved is no change of the sweep.
        var now = await services.GetRequiredService<IPlanResolver>().ResolveAsync(plan with { Search = null, Models = [.. before.Models.Select(model => model.Path)] }, calibrate: false, cancellationToken);
        var changed = before.Models.Zip(now.Models).Where(pair => (pair.First.WeightsHash, pair.First.TokenizerHash) != (pair.Second.WeightsHash, pair.Second.TokenizerHash)).Select(pair => pair.First.Path)
            .Concat(before.Benchmarks.Join(now.Benchmarks, one => one.Name, one => one.Name, (was, found) => (Was: was, Found: found)).Where(pair => pair.Was.DataHash != pair.Found.DataHash).Select(pair => pair.Was.Path))
            .ToArray();
        if (changed.Length > 0)
        {
            throw new WrongInputException(
                $"{sweepId}: found other contents in {string.Join(", ", changed)} than when it began, expected the same. Give the plan another name to measure them; 'sweep show {sweepId}' prints what was recorded.");
        }
    }

    /// <summary>The files a plan names, those of its model folders one by one; of a task, what lies beside it.</summary>
    private static IEnumerable<string> Named(SweepPlan plan, IReadOnlyList<string> roots)
    {
        foreach (var name in plan.Models.Concat(plan.Benchmarks.Select(benchmark => benchmark.Name == PlanWords.Task ? Path.GetDirectoryName(benchmark.Data) ?? "" : benchmark.Data)))
        {
            var path = roots.Select(root => Path.GetFullPath(name, Path.GetFullPath(root))).FirstOrDefault(Path.Exists);
            if (path is null)
                continue;
            foreach (var file in Directory.Exists(path) ? Directory.EnumerateFiles(path) : [path])
                yield return file;
        }
    }
}
