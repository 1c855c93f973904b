namespace Sweep.Architecture.Tests;

/// <summary>The checkout the tests run in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Files of these endings below a folder, by their paths from the root, without what builds leave.</summary>
    public static IEnumerable<(string Path, string Text)> Sources(string folder, params string[] endings) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.*", SearchOption.AllDirectories)
            .Where(file => endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)))
            .Select(file => (Path: Path.GetRelativePath(Root, file), file))
            .Where(pair => !pair.Path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts"))
            .Select(pair => (pair.Path, File.ReadAllText(pair.file)));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sweep.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no Sweep.sln above {AppContext.BaseDirectory}");
    }
}
