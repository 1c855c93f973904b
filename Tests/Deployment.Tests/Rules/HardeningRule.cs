using k8s.Models;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Pods have no more rights than they need: the "restricted" Pod Security Standard, a read-only root file system, and no token where none is used.</summary>
internal sealed class HardeningRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            foreach (var problem in OfPod(workload.Pod).Concat(workload.Containers.SelectMany(OfContainer)))
                yield return $"{workload}: {problem}";
            var needsToken = manifests.Silos.Any(silo => silo.Name == workload.Name);
            if (workload.Pod.AutomountServiceAccountToken != needsToken)
                yield return $"{workload}: automountServiceAccountToken is not {(needsToken ? "true" : "false")}";
        }

        foreach (var space in manifests.Of<V1Namespace>().Where(space => space.Metadata.Labels?["pod-security.kubernetes.io/enforce"] != "restricted"))
            yield return $"Namespace/{space.Metadata.Name}: does not enforce the restricted Pod Security Standard";
        foreach (var secret in manifests.Of<V1Secret>())
            yield return $"Secret/{secret.Metadata.Name}: a secret in the repository";
    }

    private static IEnumerable<string> OfPod(V1PodSpec pod)
    {
        var security = pod.SecurityContext;
        if (security?.RunAsNonRoot != true)
            yield return "runAsNonRoot is not true";
        if (security?.RunAsUser is null or 0)
            yield return "runAsUser names no user other than root";
        if (security?.SeccompProfile?.Type != "RuntimeDefault")
            yield return "the seccomp profile is not RuntimeDefault";
        if (pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true)
            yield return "shares a namespace of its node";
        if (pod.EnableServiceLinks != false)
            yield return "enableServiceLinks is not false: every service of the namespace would be a variable of its processes";
        foreach (var volume in (pod.Volumes ?? []).Where(volume => volume.HostPath is not null))
            yield return $"volume {volume.Name} is a path of its node";
    }

    private static IEnumerable<string> OfContainer(V1Container container)
    {
        var security = container.SecurityContext;
        if (security?.ReadOnlyRootFilesystem != true)
            yield return $"container {container.Name}: readOnlyRootFilesystem is not true";
        if (security?.AllowPrivilegeEscalation != false)
            yield return $"container {container.Name}: allowPrivilegeEscalation is not false";
        if (security?.Privileged == true)
            yield return $"container {container.Name}: is privileged";
        if (security?.Capabilities?.Drop is not ["ALL"] || security.Capabilities.Add is { Count: > 0 })
            yield return $"container {container.Name}: keeps capabilities";
        if (security?.RunAsNonRoot == false || security?.RunAsUser == 0)
            yield return $"container {container.Name}: runs as root";
    }
}
