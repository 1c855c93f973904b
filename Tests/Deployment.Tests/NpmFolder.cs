using System.Security.Cryptography;
using Xunit;

namespace Sweep.Deployment.Tests;

/// <summary>npm packages of exact versions, by a lock file in the sources, installed below obj/ once.</summary>
internal static class NpmFolder
{
    private const string Stamp = ".installed";

    /// <summary>The folder that holds node_modules for this folder of the test's sources; null where npm is missing or cannot install.</summary>
    public static async Task<string?> InstallAsync(string name)
    {
        var sources = Fixtures.Shipped("Tests", "Deployment.Tests", name);
        var folder = Path.Combine(Fixtures.Root, "Tests", "Deployment.Tests", "obj", "npm", name);
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(sources, "package-lock.json"))));
        var stamp = Path.Combine(folder, Stamp);
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != wanted)
        {
            if (Tool.Find("npm") is not { } npm)
                return null;
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            foreach (var file in new[] { "package.json", "package-lock.json", ".npmrc" })
                File.Copy(Path.Combine(sources, file), Path.Combine(folder, file));
            var result = await Tool.RunAsync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder: folder);
            if (result.ExitCode != 0)
            {
                TestContext.Current.SendDiagnosticMessage($"npm ci in {folder}: {result.Errors}");
                return null;
            }

            await File.WriteAllTextAsync(stamp, wanted);
        }

        return folder;
    }
}
