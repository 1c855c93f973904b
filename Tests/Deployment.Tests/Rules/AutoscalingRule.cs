using System.Globalization;
using k8s.Models;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Settings;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>An autoscaler has a Deployment that does not set its own number of replicas, a query, credentials, and enough that waits for it to count.</summary>
internal sealed class AutoscalingRule : IManifestRule
{
    private const string Ahead = "Sweep__Planner__BatchesAhead";

    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var scaled in manifests.Of<ScaledObject>())
        {
            var name = $"ScaledObject/{scaled.Metadata.Name}";
            var deployment = manifests.Of<V1Deployment>().SingleOrDefault(found => found.Metadata.Name == scaled.Spec.ScaleTargetRef.Name);
            if (deployment is null)
                yield return $"{name}: there is no Deployment {scaled.Spec.ScaleTargetRef.Name}";
            if (deployment?.Spec.Replicas is not null)
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
            var wanted = scaled.Spec.MaxReplicaCount * (trigger.Metadata.TryGetValue("targetQueryValue", out var target) && int.TryParse(target, CultureInfo.InvariantCulture, out var share) ? share : 0);
            var ahead = manifests.Workloads.SelectMany(workload => ContainerSettings.Of(manifests, workload.Container)).Where(setting => setting.Name == Ahead).Select(setting => setting.Value).FirstOrDefault();
            if (!int.TryParse(ahead, CultureInfo.InvariantCulture, out var waiting) || waiting < wanted)
                yield return $"{name}: {Ahead} is {ahead ?? "not set"}, expected at least {wanted}, or it would never ask for maxReplicaCount";
            if (!manifests.Of<TriggerAuthentication>().Any(authentication => authentication.Metadata.Name == trigger.AuthenticationRef?.Name))
                yield return $"{name}: there is no TriggerAuthentication {trigger.AuthenticationRef?.Name}";
        }

        // A workload that nobody scales says how many it is.
        var scaledNames = manifests.Of<ScaledObject>().Select(scaled => scaled.Spec.ScaleTargetRef.Name).ToHashSet();
        foreach (var workload in manifests.Workloads.Where(workload => workload is { RunsToItsEnd: false, Replicas: null } && !scaledNames.Contains(workload.Name)))
            yield return $"{workload}: neither sets replicas nor has an autoscaler";
    }
}
