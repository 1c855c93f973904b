using k8s.Models;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>At least one for every rule (tested), so that no rule is one that cannot fail.</summary>
internal static class Mutations
{
    private const string Name = "app.kubernetes.io/name";

    public static IReadOnlyList<Mutation> All { get; } =
    [
        // Selectors.
        Breaks<SelectorRule>("a service selects other pods", "Service/sweep-silo", m => m.The<V1Service>("sweep-silo").Spec.Selector[Name] = "sweeep"),
        Breaks<SelectorRule>("a deployment selects other pods than its own", "Deployment/sweep-worker: its selector", m => Deployment(m, "sweep-worker").Selector.MatchLabels[Name] = "other"),
        Breaks<SelectorRule>("two deployments select each other's pods", "also matches the pods of Deployment/sweep-worker", m => Deployment(m, "sweep-coordinator").Selector.MatchLabels.Remove("app.kubernetes.io/component")),
        Breaks<SelectorRule>("a disruption budget selects nothing", "PodDisruptionBudget/sweep-worker", m => m.The<V1PodDisruptionBudget>("sweep-worker").Spec.Selector.MatchLabels["app.kubernetes.io/component"] = "work"),
        Breaks<SelectorRule>("a network policy selects nothing", "NetworkPolicy/sweep-dns", m => m.The<V1NetworkPolicy>("sweep-dns").Spec.PodSelector.MatchLabels[Name] = "dns"),
        Breaks<SelectorRule>("a network policy's peer is nobody", "NetworkPolicy/sweep-postgres", m => m.The<V1NetworkPolicy>("sweep-postgres").Spec.Ingress[0].FromProperty[0].PodSelector.MatchLabels[Name] = "swept", "dev"),
        Breaks<SelectorRule>("a topology spread counts other pods", "counts other pods", m => Pod(m, "sweep-worker").TopologySpreadConstraints[0].LabelSelector.MatchLabels[Name] = "other"),
        Breaks<SelectorRule>("a monitor selects no service", "ServiceMonitor/sweep-silo", m => m.The<ServiceMonitor>("sweep-silo").Spec.Selector.MatchLabels["app.kubernetes.io/component"] = "silos"),

        // Ports.
        Breaks<PortRule>("a service's target port is nobody's", "target port htttp", m => m.The<V1Service>("sweep-silo").Spec.Ports[0].TargetPort = "htttp"),
        Breaks<PortRule>("a service's target port is another number", "target port 5433", m => m.The<V1Service>("sweep-postgres").Spec.Ports[0].TargetPort = 5433, "dev"),
        Breaks<PortRule>("a probe asks a port that the container does not have", "readiness probe asks port 8081", m => Container(m, "sweep-worker").ReadinessProbe.HttpGet.Port = 8081),
        Breaks<PortRule>("a container's port is none", "70000 is no port", m => Container(m, "sweep-worker").Ports[0].ContainerPort = 70000),
        Breaks<PortRule>("two ports of a container are one", "two ports are 8080", m => Container(m, "sweep-worker").Ports[0].ContainerPort = 8080),
        Breaks<PortRule>("a monitor's port is nobody's", "metrics is no port", m => m.The<ServiceMonitor>("sweep-silo").Spec.Endpoints[0].Port = "metrics"),

        // The network.
        Breaks<NetworkRule>("nothing denies by default", "denies everything", m => m.The<V1NetworkPolicy>("default-deny").Spec.PodSelector.MatchLabels = new Dictionary<string, string> { [Name] = "sweep" }),
        Breaks<NetworkRule>("the silo port is closed on the way in", "on port silo: no NetworkPolicy lets it in", m => SiloPolicy(m).Ingress[0].Ports.RemoveAt(0)),
        Breaks<NetworkRule>("the gateway port is closed on the way in", "on port gateway: no NetworkPolicy lets it in", m => SiloPolicy(m).Ingress[0].Ports.RemoveAt(1)),
        Breaks<NetworkRule>("the gateway port is closed on the way out", "on port gateway: no NetworkPolicy lets it out", m => SiloPolicy(m).Egress[0].Ports.RemoveAt(1)),
        Breaks<NetworkRule>("the silo port moved and its policy did not", "on port silo: no NetworkPolicy lets it out", m => Array.ForEach(["sweep-coordinator", "sweep-worker"], name => Container(m, name).Ports.Single(port => port.Name == "silo").ContainerPort = 11112)),
        Breaks<NetworkRule>("Prometheus is shut out", "lets Prometheus' namespace in", m => SiloPolicy(m).Ingress.RemoveAt(1)),
        Breaks<NetworkRule>("everybody is let in", "lets in from everywhere", m => SiloPolicy(m).Ingress[1].FromProperty = null),
        Breaks<NetworkRule>("every port is let in", "lets in to every port", m => SiloPolicy(m).Ingress[1].Ports = null),
        Breaks<NetworkRule>("a policy names a port that its pods lack", "gatewya is no port", m => SiloPolicy(m).Ingress[0].Ports[1].Port = "gatewya"),
        Breaks<NetworkRule>("a policy lets out to a port that the pods behind it lack", "lets out to 5433", m => m.The<V1NetworkPolicy>("sweep-to-postgres").Spec.Egress[0].Ports[0].Port = 5433, "dev"),

        // Variables.
        Breaks<EnvironmentRule>("a setting's name has a typing error", "SweepSiloOptions has no Rolles", m => Variable(m, "sweep-worker", "Sweep__Silo__Roles").Name = "Sweep__Silo__Rolles"),
        Breaks<EnvironmentRule>("a setting's section has a typing error", "there is no section Sweep:Sillo", m => Variable(m, "sweep-worker", "Sweep__Silo__Roles").Name = "Sweep__Sillo__Roles"),
        Breaks<EnvironmentRule>("a setting of the shared map has a typing error", "SweepSiloOptions has no SiloPrt", m => Rename(Settings(m), "Sweep__Silo__SiloPort", "Sweep__Silo__SiloPrt")),
        Breaks<EnvironmentRule>("a setting's value is none of its type", "eleven", m => Settings(m)["Sweep__Silo__SiloPort"] = "eleven"),
        Breaks<EnvironmentRule>("a setting's value is one that its class refuses", "Sweep:Silo:SiloPort", m => Settings(m)["Sweep__Silo__SiloPort"] = "70000"),
        Breaks<EnvironmentRule>("a role is none", "'workr'", m => Variable(m, "sweep-worker", "Sweep__Silo__Roles").Value = "workr"),
        Breaks<EnvironmentRule>("a silo has no store", "Sweep__Store__ConnectionString) is empty", m => Container(m, "sweep-worker").Env.Remove(Variable(m, "sweep-worker", "Sweep__Store__ConnectionString"))),
        Breaks<EnvironmentRule>("a variable is used before it is defined", "$(ORLEANS_CLUSTER_ID), which nothing before it defines", m => Container(m, "sweep-worker").Env.Remove(Variable(m, "sweep-worker", "ORLEANS_CLUSTER_ID"))),
        Breaks<EnvironmentRule>("a variable is set twice", "Sweep__Silo__Roles is set twice", m => Container(m, "sweep-worker").Env.Add(new V1EnvVar { Name = "Sweep__Silo__Roles", Value = "worker" })),

        // References.
        Breaks<ReferenceRule>("a secret's name has a typing error", "Secret sweep-brokr", m => Variable(m, "sweep-worker", "Sweep__Messaging__Password").ValueFrom.SecretKeyRef.Name = "sweep-brokr"),
        Breaks<ReferenceRule>("a secret's key has a typing error", "no key passwort", m => Variable(m, "sweep-worker", "Sweep__Messaging__Password").ValueFrom.SecretKeyRef.Key = "passwort"),
        Breaks<ReferenceRule>("the settings' map is another", "no ConfigMap sweep-config", m => Container(m, "sweep-worker").EnvFrom[0].ConfigMapRef.Name = "sweep-config"),
        Breaks<ReferenceRule>("a claim does not exist", "no PersistentVolumeClaim models", m => Pod(m, "sweep-worker").Volumes.Single(volume => volume.PersistentVolumeClaim is not null).PersistentVolumeClaim.ClaimName = "models"),
        Breaks<ReferenceRule>("a mounted volume does not exist", "no volume tpm", m => Container(m, "sweep-worker").VolumeMounts.Single(mount => mount.MountPath == "/tmp").Name = "tpm"),
        Breaks<ReferenceRule>("a volume's secret does not exist", "no Secret sweep-cert", m => Pod(m, "sweep-worker").Volumes.Single(volume => volume.Secret is not null).Secret.SecretName = "sweep-cert"),
        Breaks<ReferenceRule>("the service account does not exist", "no ServiceAccount silo", m => Pod(m, "sweep-worker").ServiceAccountName = "silo"),
        Breaks<ReferenceRule>("a binding's role does not exist", "no Role silo", m => m.The<V1RoleBinding>("sweep-silo").RoleRef.Name = "silo"),
        Breaks<ReferenceRule>("the autoscaler's secret has no such key", "no key user", m => m.The<TriggerAuthentication>("sweep-store").Spec.SecretTargetRef[0].Key = "user"),

        // Images, probes, resources.
        Breaks<ImageRule>("an image is the latest", "sweep:latest is not pinned", m => Container(m, "sweep-worker").Image = "registry.example.com/sweep:latest"),
        Breaks<ImageRule>("an image has no tag", "sweep is not pinned", m => Container(m, "sweep-worker").Image = "registry.example.com:5000/sweep"),
        Breaks<ImageRule>("an image's tag is a major version", "postgres:17 is not pinned", m => Container(m, "sweep-postgres").Image = "postgres:17", "dev"),
        Breaks<ProbeRule>("a container has no liveness probe", "sweep has no liveness probe", m => Container(m, "sweep-worker").LivenessProbe = null),
        Breaks<ProbeRule>("a container has no readiness probe", "rabbitmq has no readiness probe", m => Container(m, "sweep-rabbitmq").ReadinessProbe = null, "dev"),
        Breaks<ProbeRule>("a silo has no startup probe", "startup probe", m => Container(m, "sweep-worker").StartupProbe = null),
        Breaks<ProbeRule>("readiness asks whether the process lives", "does not ask /health/ready", m => Container(m, "sweep-worker").ReadinessProbe.HttpGet.Path = "/health/live"),
        Breaks<ResourceRule>("a container has no memory limit", "no limit of memory", m => Container(m, "sweep-worker").Resources.Limits.Remove("memory")),
        Breaks<ResourceRule>("a container requests no processor", "requests no cpu", m => Container(m, "sweep-migrate").Resources.Requests.Remove("cpu")),
        Breaks<ResourceRule>("a container requests more than its limit", "requests more memory", m => Container(m, "sweep-worker").Resources.Requests["memory"] = new ResourceQuantity("64Gi")),
        Breaks<ResourceRule>("a scratch volume may grow without end", "volume tmp has no size limit", m => Pod(m, "sweep-worker").Volumes.Single(volume => volume.Name == "tmp").EmptyDir.SizeLimit = null),

        // Rights.
        Breaks<HardeningRule>("a pod may run as root", "runAsNonRoot", m => Pod(m, "sweep-worker").SecurityContext.RunAsNonRoot = null),
        Breaks<HardeningRule>("a pod is root", "names no user other than root", m => Pod(m, "sweep-worker").SecurityContext.RunAsUser = 0),
        Breaks<HardeningRule>("a pod's system calls are not confined", "seccomp", m => Pod(m, "sweep-worker").SecurityContext.SeccompProfile = null),
        Breaks<HardeningRule>("a container's root file system is writable", "readOnlyRootFilesystem", m => Container(m, "sweep-migrate").SecurityContext.ReadOnlyRootFilesystem = false),
        Breaks<HardeningRule>("a container may gain privileges", "allowPrivilegeEscalation", m => Container(m, "sweep-worker").SecurityContext.AllowPrivilegeEscalation = null),
        Breaks<HardeningRule>("a container is privileged", "is privileged", m => Container(m, "sweep-worker").SecurityContext.Privileged = true),
        Breaks<HardeningRule>("a container keeps a capability", "keeps capabilities", m => Container(m, "sweep-worker").SecurityContext.Capabilities.Add = ["NET_ADMIN"]),
        Breaks<HardeningRule>("a pod is in its node's network", "shares a namespace of its node", m => Pod(m, "sweep-worker").HostNetwork = true),
        Breaks<HardeningRule>("a pod mounts its node's files", "is a path of its node", m => Pod(m, "sweep-worker").Volumes.Add(new V1Volume { Name = "root", HostPath = new V1HostPathVolumeSource { Path = "/" } })),
        Breaks<HardeningRule>("a pod that asks the API server for nothing has a token", "automountServiceAccountToken is not false", m => Pod(m, "sweep-migrate").AutomountServiceAccountToken = true),
        Breaks<HardeningRule>("the namespace enforces less", "restricted Pod Security Standard", m => m.Of<V1Namespace>().Single().Metadata.Labels["pod-security.kubernetes.io/enforce"] = "baseline"),
        Breaks<RbacRule>("silos may delete pods", "expected get,list,patch,watch pods", m => m.The<V1Role>("sweep-silo").Rules[0].Verbs.Add("delete")),
        Breaks<RbacRule>("silos may read secrets", "get secrets", m => m.The<V1Role>("sweep-silo").Rules.Add(new V1PolicyRule { ApiGroups = [""], Resources = ["secrets"], Verbs = ["get"] })),
        Breaks<RbacRule>("silos may not watch pods", "expected get,list,patch,watch pods", m => m.The<V1Role>("sweep-silo").Rules[0].Verbs.Remove("watch")),

        // Silos.
        Breaks<SiloPodRule>("workers are no silos", "Deployment/sweep-worker: is no silo", m => Labels(m, "sweep-worker").Remove("orleans/serviceId")),
        Breaks<SiloPodRule>("a silo has no cluster id", "no label orleans/clusterId", m => Labels(m, "sweep-worker").Remove("orleans/clusterId")),
        Breaks<SiloPodRule>("silos are of two clusters", "they are two clusters", m => Labels(m, "sweep-worker")["orleans/clusterId"] = "blue"),
        Breaks<SiloPodRule>("a silo does not know its pod", "POD_NAME is not metadata.name", m => Container(m, "sweep-worker").Env.Remove(Variable(m, "sweep-worker", "POD_NAME"))),
        Breaks<SiloPodRule>("a silo's address is its node's", "POD_IP is not status.podIP", m => Variable(m, "sweep-worker", "POD_IP").ValueFrom.FieldRef.FieldPath = "status.hostIP"),
        Breaks<SiloPodRule>("a silo's port is not the one it is told", "port silo is 11111", m => Settings(m)["Sweep__Silo__SiloPort"] = "11112"),
        Breaks<SiloPodRule>("a silo is killed within a micro-batch", "has 30 s to end", m => Pod(m, "sweep-worker").TerminationGracePeriodSeconds = 30),
        Breaks<SiloPodRule>("a silo may write to the models", "/models read-only", m => Container(m, "sweep-worker").VolumeMounts.Single(mount => mount.MountPath == "/models").ReadOnlyProperty = null),
        Breaks<SiloPodRule>("a silo has no scratch folder", "no /tmp", m => Container(m, "sweep-worker").VolumeMounts.Remove(Container(m, "sweep-worker").VolumeMounts.Single(mount => mount.MountPath == "/tmp"))),

        // Availability, GPUs, autoscaling, encryption.
        Breaks<AvailabilityRule>("workers share a node", "does not spread over nodes", m => Pod(m, "sweep-worker").TopologySpreadConstraints = null),
        Breaks<AvailabilityRule>("a node is never drained", "never lets a node be drained", m => m.The<V1PodDisruptionBudget>("sweep-worker").Spec.MaxUnavailable = 0),
        Breaks<AvailabilityRule>("a silo has two budgets", "has 2 disruption budgets", m => m.The<V1PodDisruptionBudget>("sweep-worker").Spec.Selector.MatchLabels.Remove("app.kubernetes.io/component")),
        Breaks<AvailabilityRule>("there is one coordinator", "expected 2 or more", m => Deployment(m, "sweep-coordinator").Replicas = 1),
        Breaks<AvailabilityRule>("a new version takes coordinators away", "may take ready coordinators away", m => Deployment(m, "sweep-coordinator").Strategy.RollingUpdate.MaxUnavailable = 1),
        Breaks<GpuRule>("a worker has two GPUs", "has 2 GPUs", m => Container(m, "sweep-worker").Resources.Limits["nvidia.com/gpu"] = new ResourceQuantity("2")),
        Breaks<GpuRule>("a worker has no GPU", "has 0 GPUs", m => Container(m, "sweep-worker").Resources.Limits.Remove("nvidia.com/gpu")),
        Breaks<GpuRule>("a worker wants another GPU than its own", "expected cuda:0", m => Variable(m, "sweep-worker", "Sweep__Worker__Devices__0").Value = "cuda:1"),
        Breaks<GpuRule>("a worker's image has no CUDA", "is not one with CUDA", m => Container(m, "sweep-worker").Image = "registry.example.com/sweep:0.1.0-cpu"),
        Breaks<GpuRule>("a worker does not tolerate GPU nodes", "is not sent to nodes with GPUs", m => Pod(m, "sweep-worker").Tolerations = null),
        Breaks<GpuRule>("a coordinator takes a GPU node's place", "would take a place", m => (Pod(m, "sweep-coordinator").NodeSelector, Pod(m, "sweep-coordinator").Tolerations) = (Pod(m, "sweep-worker").NodeSelector, Pod(m, "sweep-worker").Tolerations)),
        Breaks<AutoscalingRule>("the autoscaler's target does not exist", "no Deployment sweep-workers", m => m.The<ScaledObject>("sweep-worker").Spec.ScaleTargetRef.Name = "sweep-workers"),
        Breaks<AutoscalingRule>("the autoscaler's target sets replicas", "would undo the autoscaler", m => Deployment(m, "sweep-worker").Replicas = 2),
        Breaks<AutoscalingRule>("the autoscaler has no credentials", "no TriggerAuthentication store", m => m.The<ScaledObject>("sweep-worker").Spec.Triggers[0].AuthenticationRef!.Name = "store"),
        Breaks<AutoscalingRule>("the autoscaler asks nothing", "has no query", m => m.The<ScaledObject>("sweep-worker").Spec.Triggers[0].Metadata.Remove("query")),
        Breaks<AutoscalingRule>("nobody says how many workers there are", "neither sets replicas nor has an autoscaler", m => Deployment(m, "sweep-worker").Replicas = null, "dev"),
        Breaks<EncryptionRule>("Postgres is not verified", "connection to Postgres is not verified", m => Replace(Variable(m, "sweep-worker", "Sweep__Store__ConnectionString"), "VerifyFull", "Prefer")),
        Breaks<EncryptionRule>("the certificate authority is not mounted", "/etc/sweep/ca is not mounted", m => Container(m, "sweep-migrate").VolumeMounts.RemoveAt(Container(m, "sweep-migrate").VolumeMounts.ToList().FindIndex(mount => mount.Name == "ca"))),
        Breaks<EncryptionRule>("RabbitMQ is not encrypted", "RabbitMQ is not encrypted", m => Variable(m, "sweep-worker", "Sweep__Messaging__Tls").Value = "false"),
        Breaks<EncryptionRule>("RabbitMQ's certificate authority is another", "does not trust /etc/sweep/ca/ca.crt", m => Variable(m, "sweep-worker", "Sweep__Messaging__TlsAuthority").Value = "/etc/ssl/ca.crt"),
        Breaks<EncryptionRule>("the autoscaler does not verify Postgres", "sslmode disable", m => m.The<ScaledObject>("sweep-worker").Spec.Triggers[0].Metadata["sslmode"] = "disable"),
    ];

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
