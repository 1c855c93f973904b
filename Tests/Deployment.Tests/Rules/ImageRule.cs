using System.Text.RegularExpressions;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Every image is of one version.</summary>
internal sealed partial class ImageRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests) =>
        from workload in manifests.Workloads
        from container in workload.Containers
        where !IsPinned(container.Image)
        select $"{workload}: image {container.Image ?? "(none)"} is not pinned, expected a tag with a whole version or a digest";

    /// <summary>A digest, or a tag that begins with at least two numbers: 17.5-bookworm, 0.1.0-cuda.</summary>
    public static bool IsPinned(string? image) => image is not null && Pinned().IsMatch(image);

    [GeneratedRegex(@"^[^:@\s]+(:\d+/[^:@\s]+)?(:v?\d+\.\d+[\w.\-]*|@sha256:[0-9a-f]{64})$")]
    private static partial Regex Pinned();
}
