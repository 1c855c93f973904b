using k8s.Models;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Silos spread over nodes, a drained node takes few of them and is never blocked, and a new version never takes the last coordinator away.</summary>
internal sealed class AvailabilityRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var silo in manifests.Silos)
        {
            if ((silo.Pod.TopologySpreadConstraints ?? []).All(spread => spread.TopologyKey != "kubernetes.io/hostname"))
                yield return $"{silo}: does not spread over nodes";
            var budgets = manifests.Of<V1PodDisruptionBudget>().Where(budget => budget.Spec.Selector.Selects(silo.Labels)).ToList();
            if (budgets.Count != 1)
                yield return $"{silo}: has {budgets.Count} disruption budgets, expected 1 (the API server refuses evictions where there are two)";
            if (budgets.Any(budget => budget.Spec.MaxUnavailable?.Value is null or "0"))
                yield return $"{silo}: its disruption budget never lets a node be drained";
        }

        var coordinator = manifests.WorkloadNamed("sweep-coordinator");
        if (coordinator.Replicas is null or < 2)
            yield return $"{coordinator}: has {coordinator.Replicas ?? 1} replica, expected 2 or more";
        if (((V1Deployment)coordinator.Source).Spec.Strategy?.RollingUpdate?.MaxUnavailable?.Value != "0")
            yield return $"{coordinator}: a new version may take ready coordinators away";
    }
}
