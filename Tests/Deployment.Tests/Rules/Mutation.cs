using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>One thing broken in an overlay that builds and has no problem.</summary>
internal sealed record Mutation
{
    /// <summary>What was broken, in words; unique.</summary>
    public required string Name { get; init; }

    public required Action<ManifestSet> Break { get; init; }

    /// <summary>The rule that must notice.</summary>
    public required Type Rule { get; init; }

    /// <summary>What it must say.</summary>
    public required string Says { get; init; }

    /// <summary>Default: prod.</summary>
    public string Overlay { get; init; } = "prod";
}
