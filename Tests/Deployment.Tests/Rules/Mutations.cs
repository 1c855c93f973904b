using k8s.Models;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>At least one for every rule (tested), so that no rule is one that cannot fail.</summary>
internal static partial class Mutations
{
    private const string Name = "app.kubernetes.io/name";

    public static IReadOnlyList<Mutation> All => [.. Wiring, .. Pods, .. Operation];

    private static Mutation Breaks<TRule>(string name, string says, Action<ManifestSet> action, string overlay = "prod")
        where TRule : IManifestRule =>
        new() { Name = name, Says = says, Break = action, Rule = typeof(TRule), Overlay = overlay };

    private static V1DeploymentSpec Deployment(ManifestSet manifests, string name) => manifests.The<V1Deployment>(name).Spec;

    private static V1PodSpec Pod(ManifestSet manifests, string name) => manifests.WorkloadNamed(name).Pod;

    private static IDictionary<string, string> Labels(ManifestSet manifests, string name) => manifests.WorkloadNamed(name).Labels;

    private static V1Container Container(ManifestSet manifests, string name) => manifests.WorkloadNamed(name).Container;

    private static V1EnvVar Variable(ManifestSet manifests, string workload, string name) => Container(manifests, workload).Env.Single(variable => variable.Name == name);

    private static V1NetworkPolicySpec SiloPolicy(ManifestSet manifests) => manifests.The<V1NetworkPolicy>("sweep-silo").Spec;

    private static IDictionary<string, string> Settings(ManifestSet manifests) => manifests.Of<V1ConfigMap>().Single().Data;

    private static void Rename(IDictionary<string, string> map, string from, string to)
    {
        map.Add(to, map[from]);
        map.Remove(from);
    }

    private static void Replace(V1EnvVar variable, string from, string to) => variable.Value = variable.Value.Replace(from, to, StringComparison.Ordinal);
}
