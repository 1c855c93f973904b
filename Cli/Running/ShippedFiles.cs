namespace Sweep.Cli.Running;

/// <summary>The models, benchmarks and plans that ship: in $SWEEP_HOME, else in the repository this program was built in.</summary>
internal static class ShippedFiles
{
    public static string? Root { get; } = Find();

    public static string DemoPlan =>
        Root is { } root ? Path.Combine(root, "plans", "demo.yaml") : throw new UsageException("found no repository above the program, expected SWEEP_HOME to name its folder");

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("SWEEP_HOME") is { Length: > 0 } home)
            return Path.GetFullPath(home);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "plans", "demo.yaml")))
                return folder.FullName;
        }

        return null;
    }
}
