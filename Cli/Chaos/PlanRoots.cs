using Sweep.Contracts.Plans;

namespace Sweep.Cli.Chaos;

/// <summary>The folders that silos must be given to read what a plan file names, which may lie anywhere: a silo reads nothing outside of them.</summary>
internal static class PlanRoots
{
    public static IReadOnlyList<string> Of(string planPath, SweepPlan plan)
    {
        var roots = CommonOptions.RootsOf(planPath);
        var models = plan.Models.Select(model => Find(roots, model, Directory.Exists));
        var files = plan.Benchmarks.Select(benchmark => benchmark.Data).Append(plan.Calibration?.Data)
            .Select(file => file is null ? null : Path.GetDirectoryName(Find(roots, file, File.Exists)));
        return [.. roots.Concat(models.Concat(files).OfType<string>()).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Null: it is not there, which the run for reference says.</summary>
    private static string? Find(string[] roots, string name, Predicate<string> exists) =>
        roots.Select(root => Path.GetFullPath(Path.Combine(root, name))).FirstOrDefault(path => exists(path));
}
