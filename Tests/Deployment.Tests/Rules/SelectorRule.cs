using k8s.Models;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Every selector means what it is there for: none selects nothing.</summary>
internal sealed class SelectorRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads.Where(workload => workload.Selector is not null))
        {
            if (!workload.Selector!.Selects(workload.Labels))
                yield return $"{workload}: its selector {LabelSelection.Describe(workload.Selector!.MatchLabels)} does not match its own pods";
            foreach (var spread in workload.Pod.TopologySpreadConstraints ?? [])
            {
                if (!spread.LabelSelector.Selects(workload.Labels))
                    yield return $"{workload}: its topology spread over {spread.TopologyKey} counts other pods than its own";
            }

            foreach (var other in manifests.Workloads.Where(other => other.Name != workload.Name && workload.Selector!.Selects(other.Labels)))
                yield return $"{workload}: its selector also matches the pods of {other}";
        }

        foreach (var (name, labels) in PodSelectors(manifests))
        {
            if (!manifests.Workloads.Any(workload => LabelSelection.Selects(labels, workload.Labels)))
                yield return $"{name}: {LabelSelection.Describe(labels)} selects no pod";
        }

        foreach (var monitor in manifests.Of<ServiceMonitor>())
        {
            if (!manifests.Of<V1Service>().Any(service => monitor.Spec.Selector.Selects(service.Metadata.Labels ?? new Dictionary<string, string>())))
                yield return $"ServiceMonitor/{monitor.Metadata.Name}: {LabelSelection.Describe(monitor.Spec.Selector.MatchLabels)} selects no service";
        }
    }

    private static IEnumerable<(string Name, IDictionary<string, string>? Labels)> PodSelectors(ManifestSet manifests)
    {
        foreach (var service in manifests.Of<V1Service>())
            yield return ($"Service/{service.Metadata.Name}", service.Spec.Selector);
        foreach (var budget in manifests.Of<V1PodDisruptionBudget>())
            yield return ($"PodDisruptionBudget/{budget.Metadata.Name}", budget.Spec.Selector.MatchLabels);
        foreach (var policy in manifests.Of<V1NetworkPolicy>())
        {
            var name = $"NetworkPolicy/{policy.Metadata.Name}";
            yield return (name, policy.Spec.PodSelector.MatchLabels);
            // A peer in another namespace is another project's pod.
            var peers = (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty ?? []).Concat((policy.Spec.Egress ?? []).SelectMany(rule => rule.To ?? []));
            foreach (var peer in peers.Where(peer => peer.NamespaceSelector is null && peer.PodSelector is not null))
                yield return (name, peer.PodSelector.MatchLabels);
        }
    }
}
