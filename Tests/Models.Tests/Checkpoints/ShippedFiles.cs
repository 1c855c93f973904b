namespace Sweep.Models.Tests.Checkpoints;

/// <summary>Files that ship with the repository, found upwards from the test's own folder.</summary>
internal static class ShippedFiles
{
    public static string Root { get; } = FindRoot();

    public static string Mini { get; } = Path.Combine(Root, "models", "mamba-mini");

    public static string Planted { get; } = Path.Combine(Root, "models", "mamba-mini-planted");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sweep.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no Sweep.sln above {AppContext.BaseDirectory}");
    }
}

/// <summary>A folder of its own for a test, deleted with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        Path = Directory.CreateTempSubdirectory("sweep-test-").FullName;
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
