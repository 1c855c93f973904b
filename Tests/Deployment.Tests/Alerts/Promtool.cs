using k8s;
using Sweep.Deployment.Tests.Crds;

namespace Sweep.Deployment.Tests.Alerts;

/// <summary>Prometheus' own checker of rules: on PATH, else out of Debian's package, which is unpacked below obj/ and not installed: no server is started.</summary>
internal static class Promtool
{
    private static readonly Lazy<Task<string>> Program = new(FindAsync);

    /// <summary>Checks the alerts' syntax and types.</summary>
    public static async Task<ToolResult> CheckAsync(PrometheusRule rules)
    {
        using var folder = new TemporaryFolder();
        return await Tool.RunAsync(await Program.Value, ["check", "rules", Write(folder, rules)]);
    }

    /// <summary>Runs a file of tests of alerts; it names the rules as rules.yaml beside itself.</summary>
    public static async Task<ToolResult> TestAsync(PrometheusRule rules, string tests)
    {
        using var folder = new TemporaryFolder();
        Write(folder, rules);
        return await Tool.RunAsync(await Program.Value, ["test", "rules", folder.Write("tests.yaml", tests)]);
    }

    private static string Write(TemporaryFolder folder, PrometheusRule rules) => folder.Write("rules.yaml", KubernetesYaml.Serialize(rules.Spec));

    private static async Task<string> FindAsync()
    {
        if (Tool.Find("promtool") is { } installed)
            return installed;
        var folder = Path.Combine(Fixtures.Root, "Tests", "Deployment.Tests", "obj", "promtool");
        var program = Path.Combine(folder, "usr", "bin", "promtool");
        if (!File.Exists(program) && !await UnpackAsync(folder))
            Tool.Missing("found no promtool on PATH and could not download Debian's package prometheus; expected promtool for the tests of alerts");
        return program;
    }

    private static async Task<bool> UnpackAsync(string folder)
    {
        if (Tool.Find("apt-get") is not { } apt || Tool.Find("dpkg-deb") is not { } dpkg)
            return false;
        Directory.CreateDirectory(folder);
        var result = await Tool.RunAsync(apt, ["download", "prometheus"], folder: folder);
        if (result.ExitCode != 0 && Tool.IsContinuousIntegration)
        {
            // A new machine has no list of packages yet.
            await Tool.RunAsync(apt, ["update"]);
            result = await Tool.RunAsync(apt, ["download", "prometheus"], folder: folder);
        }

        return result.ExitCode == 0 && (await Tool.RunAsync(dpkg, ["--extract", Directory.GetFiles(folder, "prometheus_*.deb").Single(), folder])).ExitCode == 0;
    }
}
