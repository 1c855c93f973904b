using k8s.Models;

namespace Sweep.Deployment.Tests.Manifests;

/// <summary>Which pods a selector means.</summary>
internal static class LabelSelection
{
    public static bool Selects(this V1LabelSelector selector, IDictionary<string, string> labels)
    {
        if (selector.MatchExpressions is { Count: > 0 })
            throw new NotSupportedException("these tests know matchLabels only; teach them matchExpressions before a manifest uses them");
        return Selects(selector.MatchLabels, labels);
    }

    /// <summary>An empty selector means every pod.</summary>
    public static bool Selects(IDictionary<string, string>? wanted, IDictionary<string, string> labels) =>
        (wanted ?? new Dictionary<string, string>()).All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    public static string? Find(this IDictionary<string, string> labels, string name) => labels.TryGetValue(name, out var value) ? value : null;

    public static string Describe(IDictionary<string, string>? wanted) =>
        wanted is { Count: > 0 } ? string.Join(",", wanted.Select(label => $"{label.Key}={label.Value}")) : "everything";
}
