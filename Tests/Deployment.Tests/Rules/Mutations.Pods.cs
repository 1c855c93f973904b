using k8s.Models;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>What a pod is: its image, probes, resources, rights, and what makes it a silo.</summary>
internal static partial class Mutations
{
    private static IReadOnlyList<Mutation> Pods { get; } =
    [
        Breaks<ImageRule>(
            "an image is the latest",
            "sweep:latest is not pinned",
            m => Container(m, "sweep-worker").Image = "registry.example.com/sweep:latest"),
        Breaks<ImageRule>("an image has no tag", "sweep is not pinned", m => Container(m, "sweep-worker").Image = "registry.example.com:5000/sweep"),
        Breaks<ImageRule>(
            "an image's tag is a major version",
            "postgres:17 is not pinned",
            m => Container(m, "sweep-postgres").Image = "postgres:17",
            "dev"),

        Breaks<ProbeRule>("a container has no liveness probe", "sweep has no liveness probe", m => Container(m, "sweep-worker").LivenessProbe = null),
        Breaks<ProbeRule>(
            "a container has no readiness probe",
            "rabbitmq has no readiness probe",
            m => Container(m, "sweep-rabbitmq").ReadinessProbe = null,
            "dev"),
        Breaks<ProbeRule>("a silo has no startup probe", "startup probe", m => Container(m, "sweep-worker").StartupProbe = null),
        Breaks<ProbeRule>(
            "readiness asks whether the process lives",
            "does not ask /health/ready",
            m => Container(m, "sweep-worker").ReadinessProbe.HttpGet.Path = "/health/live"),

        Breaks<ResourceRule>(
            "a container has no memory limit",
            "no limit of memory",
            m => Container(m, "sweep-worker").Resources.Limits.Remove("memory")),
        Breaks<ResourceRule>(
            "a container requests no processor",
            "requests no cpu",
            m => Container(m, "sweep-migrate").Resources.Requests.Remove("cpu")),
        Breaks<ResourceRule>(
            "a container requests more than its limit",
            "requests more memory",
            m => Container(m, "sweep-worker").Resources.Requests["memory"] = new ResourceQuantity("64Gi")),
        Breaks<ResourceRule>(
            "a scratch volume may grow without end",
            "volume tmp has no size limit",
            m => Pod(m, "sweep-worker").Volumes.Single(volume => volume.Name == "tmp").EmptyDir.SizeLimit = null),

        Breaks<HardeningRule>("a pod may run as root", "runAsNonRoot", m => Pod(m, "sweep-worker").SecurityContext.RunAsNonRoot = null),
        Breaks<HardeningRule>("a pod is root", "names no user other than root", m => Pod(m, "sweep-worker").SecurityContext.RunAsUser = 0),
        Breaks<HardeningRule>("a pod's system calls are not confined", "seccomp", m => Pod(m, "sweep-worker").SecurityContext.SeccompProfile = null),
        Breaks<HardeningRule>(
            "a container's root file system is writable",
            "readOnlyRootFilesystem",
            m => Container(m, "sweep-migrate").SecurityContext.ReadOnlyRootFilesystem = false),
        Breaks<HardeningRule>(
            "a container may gain privileges",
            "allowPrivilegeEscalation",
            m => Container(m, "sweep-worker").SecurityContext.AllowPrivilegeEscalation = null),
        Breaks<HardeningRule>("a container is privileged", "is privileged", m => Container(m, "sweep-worker").SecurityContext.Privileged = true),
        Breaks<HardeningRule>(
            "a container keeps a capability",
            "keeps capabilities",
            m => Container(m, "sweep-worker").SecurityContext.Capabilities.Add = ["NET_ADMIN"]),
        Breaks<HardeningRule>("a pod is in its node's network", "shares a namespace of its node", m => Pod(m, "sweep-worker").HostNetwork = true),
        Breaks<HardeningRule>(
            "a pod mounts its node's files",
            "is a path of its node",
            m => Pod(m, "sweep-worker").Volumes.Add(new V1Volume { Name = "root", HostPath = new V1HostPathVolumeSource { Path = "/" } })),
        Breaks<HardeningRule>(
            "a pod that asks the API server for nothing has a token",
            "automountServiceAccountToken is not false",
            m => Pod(m, "sweep-migrate").AutomountServiceAccountToken = true),
        Breaks<HardeningRule>(
            "the namespace enforces less",
            "restricted Pod Security Standard",
            m => m.Of<V1Namespace>().Single().Metadata.Labels["pod-security.kubernetes.io/enforce"] = "baseline"),

        Breaks<RbacRule>(
            "silos may delete pods",
            "expected get,list,patch,watch pods",
            m => m.The<V1Role>("sweep-silo").Rules[0].Verbs.Add("delete")),
        Breaks<RbacRule>(
            "silos may read secrets",
            "get secrets",
            m => m.The<V1Role>("sweep-silo").Rules.Add(new V1PolicyRule { ApiGroups = [""], Resources = ["secrets"], Verbs = ["get"] })),
        Breaks<RbacRule>(
            "silos may not watch pods",
            "expected get,list,patch,watch pods",
            m => m.The<V1Role>("sweep-silo").Rules[0].Verbs.Remove("watch")),

        Breaks<SiloPodRule>(
            "workers are no silos",
            "Deployment/sweep-worker: is no silo",
            m => Labels(m, "sweep-worker").Remove("orleans/serviceId")),
        Breaks<SiloPodRule>("a silo has no cluster id", "no label orleans/clusterId", m => Labels(m, "sweep-worker").Remove("orleans/clusterId")),
        Breaks<SiloPodRule>("silos are of two clusters", "they are two clusters", m => Labels(m, "sweep-worker")["orleans/clusterId"] = "blue"),
        Breaks<SiloPodRule>(
            "a silo does not know its pod",
            "POD_NAME is not metadata.name",
            m => Container(m, "sweep-worker").Env.Remove(Variable(m, "sweep-worker", "POD_NAME"))),
        Breaks<SiloPodRule>(
            "a silo's address is its node's",
            "POD_IP is not status.podIP",
            m => Variable(m, "sweep-worker", "POD_IP").ValueFrom.FieldRef.FieldPath = "status.hostIP"),
        Breaks<SiloPodRule>("a silo's port is not the one it is told", "port silo is 11111", m => Settings(m)["Sweep__Silo__SiloPort"] = "11112"),
        Breaks<SiloPodRule>(
            "a silo is killed within a micro-batch",
            "has 30 s to end",
            m => Pod(m, "sweep-worker").TerminationGracePeriodSeconds = 30),
        Breaks<SiloPodRule>(
            "a silo may write to the models",
            "/models read-only",
            m => Container(m, "sweep-worker").VolumeMounts.Single(mount => mount.MountPath == "/models").ReadOnlyProperty = null),
        Breaks<SiloPodRule>(
            "a silo has no scratch folder",
            "no /tmp",
            m => Container(m, "sweep-worker").VolumeMounts.Remove(Container(m, "sweep-worker").VolumeMounts.Single(mount => mount.MountPath == "/tmp"))),
    ];
}
