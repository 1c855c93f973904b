using k8s.Models;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>What a pod names exists: in the overlay, or among the objects that docs/kubernetes.md asks the operator to create.</summary>
internal sealed class ReferenceRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            foreach (var problem in OfEnvironment(manifests, workload).Concat(OfVolumes(manifests, workload)))
                yield return $"{workload}: {problem}";
            if (workload.Pod.ServiceAccountName is { } account && !manifests.Of<V1ServiceAccount>().Any(found => found.Metadata.Name == account))
                yield return $"{workload}: there is no ServiceAccount {account}";
        }

        foreach (var binding in manifests.Of<V1RoleBinding>())
        {
            if (!manifests.Of<V1Role>().Any(role => role.Metadata.Name == binding.RoleRef.Name))
                yield return $"RoleBinding/{binding.Metadata.Name}: there is no Role {binding.RoleRef.Name}";
            foreach (var subject in binding.Subjects.Where(subject => !manifests.Of<V1ServiceAccount>().Any(account => account.Metadata.Name == subject.Name)))
                yield return $"RoleBinding/{binding.Metadata.Name}: there is no {subject.Kind} {subject.Name}";
        }

        foreach (var authentication in manifests.Of<TriggerAuthentication>())
        {
            foreach (var secret in authentication.Spec.SecretTargetRef.Where(secret => !ExternalObjects.HasSecretKey(secret.Name, secret.Key)))
                yield return $"TriggerAuthentication/{authentication.Metadata.Name}: there is no key {secret.Key} in a Secret {secret.Name}";
        }
    }

    private static IEnumerable<string> OfEnvironment(ManifestSet manifests, Workload workload)
    {
        foreach (var container in workload.Containers)
        {
            foreach (var source in container.EnvFrom ?? [])
            {
                if (source.ConfigMapRef is not { } map || !manifests.Of<V1ConfigMap>().Any(found => found.Metadata.Name == map.Name))
                    yield return $"there is no ConfigMap {source.ConfigMapRef?.Name}";
            }

            foreach (var variable in container.Env ?? [])
            {
                if (variable.ValueFrom?.SecretKeyRef is { } secret && !ExternalObjects.HasSecretKey(secret.Name, secret.Key))
                    yield return $"{variable.Name}: there is no key {secret.Key} in a Secret {secret.Name}";
                if (variable.ValueFrom?.ConfigMapKeyRef is { } key && !manifests.Of<V1ConfigMap>().Any(found => found.Metadata.Name == key.Name && found.Data.ContainsKey(key.Key)))
                    yield return $"{variable.Name}: there is no key {key.Key} in a ConfigMap {key.Name}";
            }
        }
    }

    private static IEnumerable<string> OfVolumes(ManifestSet manifests, Workload workload)
    {
        var volumes = (workload.Pod.Volumes ?? []).ToDictionary(volume => volume.Name);
        var claims = workload.Source is V1StatefulSet set ? set.Spec.VolumeClaimTemplates?.Select(claim => claim.Metadata.Name).ToHashSet() ?? [] : [];
        foreach (var mount in workload.Containers.SelectMany(container => container.VolumeMounts ?? []).Where(mount => !volumes.ContainsKey(mount.Name) && !claims.Contains(mount.Name)))
            yield return $"{mount.MountPath}: there is no volume {mount.Name}";
        foreach (var volume in volumes.Values)
        {
            if (volume.PersistentVolumeClaim is { } claim && !manifests.Of<V1PersistentVolumeClaim>().Any(found => found.Metadata.Name == claim.ClaimName))
                yield return $"volume {volume.Name}: there is no PersistentVolumeClaim {claim.ClaimName}";
            if (volume.Secret is { } secret && !ExternalObjects.Secrets.ContainsKey(secret.SecretName))
                yield return $"volume {volume.Name}: there is no Secret {secret.SecretName}";
            foreach (var item in (volume.Secret?.Items ?? []).Where(item => !ExternalObjects.HasSecretKey(volume.Secret!.SecretName, item.Key)))
                yield return $"volume {volume.Name}: there is no key {item.Key} in a Secret {volume.Secret!.SecretName}";
            if (volume.ConfigMap is { } map && !manifests.Of<V1ConfigMap>().Any(found => found.Metadata.Name == map.Name))
                yield return $"volume {volume.Name}: there is no ConfigMap {map.Name}";
        }
    }
}
