using k8s.Models;
using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Rules;
using Sweep.Deployment.Tests.Schemas;
using Xunit;

namespace Sweep.Deployment.Tests;

/// <summary>Every overlay builds, has the types and fields that the API server knows, and keeps every rule of ours.</summary>
public sealed class OverlayTests
{
    public static TheoryData<string> Overlays => [.. ManifestSet.Overlays];

    public static MatrixTheoryData<string, string> OverlaysAndRules => new(ManifestSet.Overlays, [.. RuleCatalog.All.Select(rule => rule.GetType().Name)]);

    [Fact]
    public void Overlays_Names_AreDevAndProd() => Assert.Equal(["dev", "prod"], ManifestSet.Overlays);

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Overlay_Types_AreKnownToTheField(string overlay)
    {
        var manifests = await ManifestSet.LoadAsync(overlay);
        Assert.NotEmpty(manifests.Of<V1Deployment>());
        Assert.Equal(["sweep-coordinator", "sweep-worker"], manifests.Silos.Select(silo => silo.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Overlay_Schemas_HaveNoProblem(string overlay) =>
        Assert.Empty((await SchemaCheck.AskAsync("kubernetes", await ManifestSet.TextAsync(overlay))).Problems);

    [Theory]
    [MemberData(nameof(OverlaysAndRules))]
    public async Task Overlay_Rule_HasNoProblem(string overlay, string rule) =>
        Assert.Empty(RuleCatalog.Named(rule).Problems(await ManifestSet.LoadAsync(overlay)));

    /// <summary>An unknown field, a double one, a wrong type, an unknown kind: what strict reading is for.</summary>
    [Theory]
    [InlineData("  replicas: 3", "  replica: 3", "replica")]
    [InlineData("  replicas: 3", "  replicas: three", "three")]
    [InlineData("  replicas: 3", "  replicas: 3\n  replicas: 3", "duplicate key replicas")]
    [InlineData("kind: PrometheusRule", "kind: PrometheusRules", "PrometheusRules")]
    [InlineData("  pollingInterval: 15", "  pollInterval: 15", "pollInterval")]
    public async Task StrictReading_BrokenText_IsRefused(string from, string to, string expected)
    {
        var text = await ManifestSet.TextAsync("prod");
        Assert.Contains(from, text, StringComparison.Ordinal);
        var broken = text.Replace(from, to, StringComparison.Ordinal);
        var exception = Assert.ThrowsAny<Exception>(() => ManifestSet.Parse(broken));
        Assert.Contains(expected, exception.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A missing required field, a word outside an enumeration, a number where a string belongs: what schemas are for.</summary>
    [Theory]
    [InlineData("    app.kubernetes.io/name: sweep", "    app.kubernetes.io/name: 5", "must be string")]
    [InlineData("imagePullPolicy: IfNotPresent", "imagePullPolicy: Sometimes", "allowed values")]
    [InlineData("          mountPath: /tmp", "          subPath: tmp", "mountPath")]
    [InlineData("  scaleTargetRef:\n    name: sweep-worker\n", "", "scaleTargetRef")]
    [InlineData("    expr: max", "    expression: max", "expr")]
    public async Task Schemas_BrokenText_IsRefused(string from, string to, string expected)
    {
        var text = await ManifestSet.TextAsync("prod");
        var at = text.IndexOf(from.TrimStart(), StringComparison.Ordinal);
        Assert.True(at >= 0, $"the overlay has no '{from.TrimStart()}'");
        var broken = text[..at] + to.TrimStart() + text[(at + from.TrimStart().Length)..];
        Assert.Contains((await SchemaCheck.AskAsync("kubernetes", broken)).Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }
}
