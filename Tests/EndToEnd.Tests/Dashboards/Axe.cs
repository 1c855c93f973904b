using System.Text.Json;
using Sweep.Tests;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>axe-core: what a page withholds from people who do not see it, or do not point at it. ./test fetches it with npm; $SWEEP_TEST_AXE may name the file.</summary>
internal static class Axe
{
    private static readonly string[] Grave = ["serious", "critical"];

    /// <summary>The script; the test skips where it is not there, and fails where CI=true.</summary>
    public static string Source()
    {
        var file = Environment.GetEnvironmentVariable("SWEEP_TEST_AXE") is { Length: > 0 } given ? given : Path.Combine(Fixtures.Root, "artifacts", "axe", "node_modules", "axe-core", "axe.min.js");
        if (File.Exists(file))
            return File.ReadAllText(file);
        var missing = $"{file}: found no axe-core, expected what './test' fetches with npm, or its path in SWEEP_TEST_AXE";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(missing);
        Assert.Skip(missing);
        throw new InvalidOperationException("unreachable");
    }

    /// <summary>Serious and critical findings of the page that is open, one a line.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(BrowserTab tab, string source)
    {
        await tab.Page.EvaluateAsync(source);
        var violations = await tab.Page.EvaluateAsync<JsonElement>("() => axe.run().then(result => result.violations.map(one => ({ impact: one.impact, id: one.id, html: one.nodes[0].html })))");
        return [.. violations.EnumerateArray().Where(one => Grave.Contains(one.GetProperty("impact").GetString())).Select(one => $"{one.GetProperty("impact")} {one.GetProperty("id")}: {one.GetProperty("html")}")];
    }
}
