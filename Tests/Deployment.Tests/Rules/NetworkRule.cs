using k8s.Models;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>
/// Whatever is not allowed is denied; silos reach each other on both of Orleans' ports; only Prometheus' namespace reaches health and metrics from outside; policies name ports
/// that the pods have.
/// </summary>
internal sealed class NetworkRule : IManifestRule
{
    private static readonly string[] OrleansPorts = ["silo", "gateway"];

    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        var policies = manifests.Of<V1NetworkPolicy>().ToList();
        if (!policies.Any(DeniesEverything))
            yield return "no NetworkPolicy denies everything to every pod by default";

        foreach (var policy in policies)
        {
            var selected = manifests.Workloads.Where(workload => policy.Spec.PodSelector.Selects(workload.Labels)).ToList();
            foreach (var rule in policy.Spec.Ingress ?? [])
            {
                if (rule.FromProperty is not { Count: > 0 })
                    yield return $"NetworkPolicy/{policy.Metadata.Name}: lets in from everywhere";
                if (rule.Ports is not { Count: > 0 })
                    yield return $"NetworkPolicy/{policy.Metadata.Name}: lets in to every port";
                foreach (var port in (rule.Ports ?? []).Where(port => selected.All(workload => workload.FindPort(port.Port.Value) is null)))
                    yield return $"NetworkPolicy/{policy.Metadata.Name}: {port.Port.Value} is no port of the pods it selects";
            }

            foreach (var rule in policy.Spec.Egress ?? [])
            {
                var peers = (rule.To ?? []).Where(peer => peer.NamespaceSelector is null && peer.PodSelector is not null)
                    .SelectMany(peer => manifests.Workloads.Where(workload => peer.PodSelector.Selects(workload.Labels))).ToList();
                foreach (var port in (rule.Ports ?? []).Where(port => peers.Count > 0 && peers.All(workload => workload.FindPort(port.Port.Value) is null)))
                    yield return $"NetworkPolicy/{policy.Metadata.Name}: lets out to {port.Port.Value}, which is no port of the pods behind it";
            }
        }

        foreach (var target in manifests.Silos)
        {
            foreach (var name in OrleansPorts)
            {
                var number = target.FindPort(name);
                foreach (var source in manifests.Silos)
                {
                    if (number is null || !IsLetIn(policies, source, target, name, number.Value))
                        yield return $"{source} may not reach {target} on port {name}: no NetworkPolicy lets it in";
                    if (number is null || !IsLetOut(policies, source, target, number.Value))
                        yield return $"{source} may not reach {target} on port {name}: no NetworkPolicy lets it out";
                }
            }

            if (!policies.Any(policy => policy.Spec.PodSelector.Selects(target.Labels) && (policy.Spec.Ingress ?? []).Any(IsMonitoring)))
                yield return $"{target}: no NetworkPolicy lets Prometheus' namespace in to port http";
        }
    }

    private static bool DeniesEverything(V1NetworkPolicy policy) =>
        policy.Spec.PodSelector.MatchLabels is not { Count: > 0 } && policy.Spec.PolicyTypes is { } types && types.Contains("Ingress") && types.Contains("Egress")
        && policy.Spec.Ingress is not { Count: > 0 } && policy.Spec.Egress is not { Count: > 0 };

    private static bool IsMonitoring(V1NetworkPolicyIngressRule rule) =>
        (rule.FromProperty ?? []).Any(peer => peer.NamespaceSelector is { MatchLabels.Count: > 0 }) && (rule.Ports ?? []).Any(port => port.Port.Value == "http");

    private static bool IsLetIn(List<V1NetworkPolicy> policies, Workload source, Workload target, string name, int number) =>
        policies.Where(policy => policy.Spec.PodSelector.Selects(target.Labels)).SelectMany(policy => policy.Spec.Ingress ?? [])
            .Any(rule => (rule.FromProperty ?? []).Any(peer => IsPod(peer, source)) && (rule.Ports ?? []).Any(port => port.Port.Value == name || IsNumber(port, number)));

    /// <summary>Network plug-ins resolve a port's name on the way in only: on the way out it is a number.</summary>
    private static bool IsLetOut(List<V1NetworkPolicy> policies, Workload source, Workload target, int number) =>
        policies.Where(policy => policy.Spec.PodSelector.Selects(source.Labels)).SelectMany(policy => policy.Spec.Egress ?? [])
            .Any(rule => (rule.To ?? []).Any(peer => IsPod(peer, target)) && (rule.Ports ?? []).Any(port => IsNumber(port, number)));

    private static bool IsPod(V1NetworkPolicyPeer peer, Workload workload) =>
        peer.NamespaceSelector is null && peer.PodSelector is not null && peer.PodSelector.Selects(workload.Labels);

    private static bool IsNumber(V1NetworkPolicyPort port, int number) => port.Port.Value == number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
