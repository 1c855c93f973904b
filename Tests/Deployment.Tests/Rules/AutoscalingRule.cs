using k8s.Models;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>An autoscaler has a Deployment that does not set its own number of replicas, a query, and credentials.</summary>
internal sealed class AutoscalingRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var scaled in manifests.Of<ScaledObject>())
        {
            var name = $"ScaledObject/{scaled.Metadata.Name}";
            var target = manifests.Of<V1Deployment>().SingleOrDefault(deployment => deployment.Metadata.Name == scaled.Spec.ScaleTargetRef.Name);
            if (target is null)
                yield return $"{name}: there is no Deployment {scaled.Spec.ScaleTargetRef.Name}";
            if (target?.Spec.Replicas is not null)
                yield return $"{name}: Deployment/{scaled.Spec.ScaleTargetRef.Name} sets replicas, so that every apply would undo the autoscaler";
            if (scaled.Spec.MinReplicaCount is null || scaled.Spec.MaxReplicaCount is null || scaled.Spec.MinReplicaCount > scaled.Spec.MaxReplicaCount)
                yield return $"{name}: expected minReplicaCount and maxReplicaCount";
            if (scaled.Spec.Triggers is not [{ Type: "postgresql" } trigger])
            {
                yield return $"{name}: expected one trigger of type postgresql";
                continue;
            }

            if (!trigger.Metadata.ContainsKey("query") || !trigger.Metadata.ContainsKey("targetQueryValue"))
                yield return $"{name}: its trigger has no query or no targetQueryValue";
            if (!manifests.Of<TriggerAuthentication>().Any(authentication => authentication.Metadata.Name == trigger.AuthenticationRef?.Name))
                yield return $"{name}: there is no TriggerAuthentication {trigger.AuthenticationRef?.Name}";
        }

        // A workload that nobody scales says how many it is.
        var scaledNames = manifests.Of<ScaledObject>().Select(scaled => scaled.Spec.ScaleTargetRef.Name).ToHashSet();
        foreach (var workload in manifests.Workloads.Where(workload => workload is { RunsToItsEnd: false, Replicas: null } && !scaledNames.Contains(workload.Name)))
            yield return $"{workload}: neither sets replicas nor has an autoscaler";
    }
}
