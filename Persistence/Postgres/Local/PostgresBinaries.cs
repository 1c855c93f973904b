using System.Diagnostics;
using System.Globalization;

namespace Sweep.Persistence.Postgres.Local;

/// <summary>The server's programs on this machine. They refuse to run as root: then they run as user postgres, which the distributions' packages create.</summary>
internal sealed record PostgresBinaries(string Folder, string Version)
{
    public const string Missing =
        "PostgreSQL: found no server programs, expected initdb and postgres in $SWEEP_POSTGRES_BIN, under /usr/lib/postgresql/*/bin or on PATH (Debian and Ubuntu: apt-get install postgresql)";

    private const string Unprivileged = "postgres";

    /// <summary>Null where there are none.</summary>
    public static PostgresBinaries? Find()
    {
        var folder = Candidates().FirstOrDefault(candidate => IsThere(Path.Combine(candidate, "initdb")) && IsThere(Path.Combine(candidate, "postgres")));
        if (folder is null)
            return null;
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "postgres"), "--version") { RedirectStandardOutput = true })!;
        return new PostgresBinaries(folder, process.StandardOutput.ReadToEnd().Trim());
    }

    /// <summary>Gives the folder to the user that the server runs as.</summary>
    public async Task PrepareFolderAsync(string folder, CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess)
            await RunAsync(new ProcessStartInfo("chown", ["-R", Unprivileged, folder]), "chown", cancellationToken);
    }

    public Task RunAsync(string program, IEnumerable<string> arguments, string workingFolder, CancellationToken cancellationToken) =>
        RunAsync(Start(program, arguments, workingFolder), program, cancellationToken);

    /// <summary>A command that is not started yet, with both outputs redirected where they are read.</summary>
    public Process Command(string program, IEnumerable<string> arguments, string workingFolder)
    {
        var start = Start(program, arguments, workingFolder);
        start.RedirectStandardError = true;
        return new Process { StartInfo = start };
    }

    /// <summary>A link whose end was uninstalled is no program.</summary>
    private static bool IsThere(string program) => File.Exists(program) && File.ResolveLinkTarget(program, returnFinalTarget: true) is not { Exists: false };

    private ProcessStartInfo Start(string program, IEnumerable<string> arguments, string workingFolder)
    {
        var path = Path.Combine(Folder, program);
        string[] asUser = Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Unprivileged}", $"--regid={Unprivileged}", "--init-groups", path] : [path];
        return new ProcessStartInfo(asUser[0], [.. asUser[1..], .. arguments]) { WorkingDirectory = workingFolder };
    }

    private static async Task RunAsync(ProcessStartInfo start, string program, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new LocalPostgresException($"PostgreSQL: {program} ended with {process.ExitCode}: {error.Trim()}");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("SWEEP_POSTGRES_BIN") is { Length: > 0 } configured)
            yield return configured;
        const string Distribution = "/usr/lib/postgresql";
        if (Directory.Exists(Distribution))
        {
            foreach (var version in Directory.GetDirectories(Distribution).OrderByDescending(folder => double.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0))
                yield return Path.Combine(version, "bin");
        }

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
    }
}
