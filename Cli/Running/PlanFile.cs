using Sweep.Contracts.Plans;

namespace Sweep.Cli.Running;

/// <summary>A plan as it lies in a file, with the folders in which its own files are looked up.</summary>
internal sealed record PlanFile
{
    public required string Path { get; init; }

    public required string Text { get; init; }

    public required SweepPlan Plan { get; init; }

    public required IReadOnlyList<string> Roots { get; init; }

    /// <param name="path">The file.</param>
    /// <param name="items">At most so many items of each benchmark; null: as the plan says.</param>
    /// <param name="roots">Further folders to look in.</param>
    public static PlanFile Read(string path, int? items = null, IReadOnlyList<string>? roots = null)
    {
        if (!File.Exists(path))
            throw new UsageException($"{path}: found no such file, expected a plan in YAML or JSON");
        if (items < 1)
            throw new UsageException($"--items: found {items}, expected at least 1");
        var text = File.ReadAllText(path);
        var plan = PlanReader.Read(text, path);
        if (items is { } most)
            plan = plan with { Benchmarks = [.. plan.Benchmarks.Select(benchmark => benchmark with { Items = Math.Min(benchmark.Items ?? most, most) })] };
        return new PlanFile
        {
            Path = path,
            Text = text,
            Plan = plan,
            Roots = SearchFolders([System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, .. roots ?? []]),
        };
    }

    /// <summary>Where files are looked up: the given folders, the working folder, the repository.</summary>
    public static IReadOnlyList<string> SearchFolders(IReadOnlyList<string> first) =>
        [.. first.Append(Directory.GetCurrentDirectory()).Concat(ShippedFiles.Root is { } root ? [root] : []).Distinct(StringComparer.Ordinal)];
}
