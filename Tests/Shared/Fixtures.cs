namespace Sweep.Tests;

/// <summary>Where tests find files: fixtures that ship with the repository, and public data that may lie beside it.</summary>
internal static class Fixtures
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder of the repository; its absence is a failure everywhere.</summary>
    public static string Shipped(params string[] parts)
    {
        var path = Path.Combine([Root, .. parts]);
        Xunit.Assert.True(Path.Exists(path), $"{path}: found nothing, expected a fixture that ships with the repository");
        return path;
    }

    /// <summary>Public data under $SWEEP_DATA, else ../shared/data; the test says that it skips where there is none.</summary>
    public static string Data(params string[] parts) => Beside("data", Environment.GetEnvironmentVariable("SWEEP_DATA"), parts);

    /// <summary>Golden outputs beside the data: $SWEEP_GOLDEN, else ../shared/golden.</summary>
    public static string Golden(params string[] parts) => Beside("golden", Environment.GetEnvironmentVariable("SWEEP_GOLDEN"), parts);

    private static string Beside(string folder, string? configured, string[] parts)
    {
        for (var at = new DirectoryInfo(Root); at is not null; at = at.Parent)
        {
            var home = configured ?? Path.Combine(at.FullName, "..", "shared", folder);
            var path = Path.GetFullPath(Path.Combine([home, .. parts]));
            if (Path.Exists(path))
                return path;
            if (configured is not null)
                break;
        }

        Xunit.Assert.Skip($"{Path.Combine([folder, .. parts])} is not beside the repository (see CONTRIBUTING.md)");
        throw new InvalidOperationException("unreachable");
    }

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
