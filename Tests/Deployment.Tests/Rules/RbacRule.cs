using k8s.Models;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Silos may do with pods what Orleans' Kubernetes hosting does, and nothing else to anything.</summary>
internal sealed class RbacRule : IManifestRule
{
    /// <summary>It reads its own pod, lists and watches the cluster's, and patches its own labels.</summary>
    private static readonly string[] Verbs = ["get", "list", "patch", "watch"];

    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        if (manifests.Of<V1ClusterRole>().Any() || manifests.Of<V1ClusterRoleBinding>().Any())
            yield return "a right in the whole cluster, expected rights in the namespace only";
        foreach (var silo in manifests.Silos)
        {
            var roles = manifests.Of<V1RoleBinding>().Where(binding => binding.Subjects.Any(subject => subject.Kind == "ServiceAccount" && subject.Name == silo.Pod.ServiceAccountName))
                .SelectMany(binding => manifests.Of<V1Role>().Where(role => role.Metadata.Name == binding.RoleRef.Name)).ToList();
            var rules = roles.SelectMany(role => role.Rules).ToList();
            if (rules is not [{ ApiGroups: [""], Resources: ["pods"] } rule] || !rule.Verbs.Order(StringComparer.Ordinal).SequenceEqual(Verbs))
            {
                var may = string.Join("; ", rules.Select(found => $"{string.Join(",", found.Verbs)} {string.Join(",", found.Resources)}"));
                yield return $"{silo}: its account may {may}, expected {string.Join(",", Verbs)} pods";
            }
        }
    }
}
