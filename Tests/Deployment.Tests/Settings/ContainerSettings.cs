using System.Text.RegularExpressions;
using k8s.Models;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Settings;

/// <summary>The variables a container starts with, in the order in which the kubelet sets them.</summary>
internal static partial class ContainerSettings
{
    public static IReadOnlyList<Setting> Of(ManifestSet manifests, V1Container container)
    {
        var maps = (container.EnvFrom ?? []).Select(source => source.ConfigMapRef?.Name)
            .SelectMany(name => manifests.Of<V1ConfigMap>().Where(map => map.Metadata.Name == name));
        var settings = maps.SelectMany(map => map.Data).Select(pair => new Setting(pair.Key, pair.Value)).ToList();
        foreach (var variable in container.Env ?? [])
            settings.Add(new Setting(variable.Name, variable.ValueFrom is null ? Expand(variable.Value ?? "", settings) : Sample(variable.ValueFrom)));
        return settings;
    }

    /// <summary>Names in $(NAME) that nothing before this variable defines: the kubelet leaves them as they are.</summary>
    public static IEnumerable<string> Undefined(ManifestSet manifests, V1Container container)
    {
        var known = Of(manifests, container).Take(Of(manifests, container).Count - (container.Env?.Count ?? 0)).Select(setting => setting.Name).ToHashSet();
        foreach (var variable in container.Env ?? [])
        {
            foreach (Match match in Reference().Matches(variable.Value ?? ""))
            {
                if (!known.Contains(match.Groups[1].Value))
                    yield return $"{variable.Name} uses $({match.Groups[1].Value}), which nothing before it defines";
            }

            known.Add(variable.Name);
        }
    }

    private static string Expand(string value, List<Setting> before) =>
        Reference().Replace(value, match => before.FindLast(setting => setting.Name == match.Groups[1].Value)?.Value ?? match.Value);

    /// <summary>A value such as it may have at run time: what comes from a secret or from the pod itself is not known before.</summary>
    private static string Sample(V1EnvVarSource source) => (source.FieldRef?.FieldPath, source.SecretKeyRef?.Key) switch
    {
        ("status.podIP" or "status.hostIP", _) => "10.1.2.3",
        (_, "port") => "5432",
        _ => "known-at-run-time",
    };

    [GeneratedRegex(@"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")]
    private static partial Regex Reference();
}

/// <param name="Name">As the container sees it.</param>
/// <param name="Value">With what it refers to put in; of a secret or of the pod itself, a sample.</param>
internal sealed record Setting(string Name, string Value);
