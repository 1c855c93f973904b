using k8s.Models;
using Sweep.Deployment.Tests.Crds;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>What names what: selectors, ports, the network, variables, references.</summary>
internal static partial class Mutations
{
    private static IReadOnlyList<Mutation> Wiring { get; } =
    [
        Breaks<SelectorRule>(
            "a service selects other pods",
            "Service/sweep-silo",
            m => m.The<V1Service>("sweep-silo").Spec.Selector[Name] = "sweeep"),
        Breaks<SelectorRule>(
            "a deployment selects other pods than its own",
            "Deployment/sweep-worker: its selector",
            m => Deployment(m, "sweep-worker").Selector.MatchLabels[Name] = "other"),
        Breaks<SelectorRule>(
            "two deployments select each other's pods",
            "also matches the pods of Deployment/sweep-worker",
            m => Deployment(m, "sweep-coordinator").Selector.MatchLabels.Remove("app.kubernetes.io/component")),
        Breaks<SelectorRule>(
            "a disruption budget selects nothing",
            "PodDisruptionBudget/sweep-worker",
            m => m.The<V1PodDisruptionBudget>("sweep-worker").Spec.Selector.MatchLabels["app.kubernetes.io/component"] = "work"),
        Breaks<SelectorRule>(
            "a network policy selects nothing",
            "NetworkPolicy/sweep-dns",
            m => m.The<V1NetworkPolicy>("sweep-dns").Spec.PodSelector.MatchLabels[Name] = "dns"),
        Breaks<SelectorRule>(
            "a network policy's peer is nobody",
            "NetworkPolicy/sweep-postgres",
            m => m.The<V1NetworkPolicy>("sweep-postgres").Spec.Ingress[0].FromProperty[0].PodSelector.MatchLabels[Name] = "swept",
            "dev"),
        Breaks<SelectorRule>(
            "a topology spread counts other pods",
            "counts other pods",
            m => Pod(m, "sweep-worker").TopologySpreadConstraints[0].LabelSelector.MatchLabels[Name] = "other"),
        Breaks<SelectorRule>(
            "a monitor selects no service",
            "ServiceMonitor/sweep-silo",
            m => m.The<ServiceMonitor>("sweep-silo").Spec.Selector.MatchLabels["app.kubernetes.io/component"] = "silos"),

        Breaks<PortRule>(
            "a service's target port is nobody's",
            "target port htttp",
            m => m.The<V1Service>("sweep-silo").Spec.Ports[0].TargetPort = "htttp"),
        Breaks<PortRule>(
            "a service's target port is another number",
            "target port 5433",
            m => m.The<V1Service>("sweep-postgres").Spec.Ports[0].TargetPort = 5433,
            "dev"),
        Breaks<PortRule>(
            "a probe asks a port that the container does not have",
            "readiness probe asks port 8081",
            m => Container(m, "sweep-worker").ReadinessProbe.HttpGet.Port = 8081),
        Breaks<PortRule>("a container's port is none", "70000 is no port", m => Container(m, "sweep-worker").Ports[0].ContainerPort = 70000),
        Breaks<PortRule>("two ports of a container are one", "two ports are 8080", m => Container(m, "sweep-worker").Ports[0].ContainerPort = 8080),
        Breaks<PortRule>(
            "a monitor's port is nobody's",
            "metrics is no port",
            m => m.The<ServiceMonitor>("sweep-silo").Spec.Endpoints[0].Port = "metrics"),

        Breaks<NetworkRule>(
            "nothing denies by default",
            "denies everything",
            m => m.The<V1NetworkPolicy>("default-deny").Spec.PodSelector.MatchLabels = new Dictionary<string,
            string> { [Name] = "sweep" }),
        Breaks<NetworkRule>(
            "the silo port is closed on the way in",
            "on port silo: no NetworkPolicy lets it in",
            m => SiloPolicy(m).Ingress[0].Ports.RemoveAt(0)),
        Breaks<NetworkRule>(
            "the gateway port is closed on the way in",
            "on port gateway: no NetworkPolicy lets it in",
            m => SiloPolicy(m).Ingress[0].Ports.RemoveAt(1)),
        Breaks<NetworkRule>(
            "the gateway port is closed on the way out",
            "on port gateway: no NetworkPolicy lets it out",
            m => SiloPolicy(m).Egress[0].Ports.RemoveAt(1)),
        Breaks<NetworkRule>(
            "the silo port moved and its policy did not",
            "on port silo: no NetworkPolicy lets it out",
            m => Array.ForEach(["sweep-coordinator", "sweep-worker"], name => Container(m, name).Ports.Single(port => port.Name == "silo").ContainerPort = 11112)),
        Breaks<NetworkRule>("Prometheus is shut out", "lets Prometheus' namespace in", m => SiloPolicy(m).Ingress.RemoveAt(2)),
        Breaks<NetworkRule>("everybody is let in", "lets in from everywhere", m => SiloPolicy(m).Ingress[1].FromProperty = null),
        Breaks<NetworkRule>("every port is let in", "lets in to every port", m => SiloPolicy(m).Ingress[1].Ports = null),
        Breaks<NetworkRule>(
            "a policy names a port that its pods lack",
            "gatewya is no port",
            m => SiloPolicy(m).Ingress[0].Ports[1].Port = "gatewya"),
        Breaks<NetworkRule>(
            "a policy lets out to a port that the pods behind it lack",
            "lets out to 5433",
            m => m.The<V1NetworkPolicy>("sweep-to-postgres").Spec.Egress[0].Ports[0].Port = 5433,
            "dev"),

        Breaks<DashboardRule>(
            "the dashboard asks for no login",
            "found 'none' with address 0.0.0.0",
            m => Variable(m, "sweep-dashboard", "Sweep__Dashboard__Login").Value = "none"),
        Breaks<DashboardRule>(
            "the dashboard's name is not encrypted",
            "expected https",
            m => Variable(m, "sweep-dashboard", "Sweep__Dashboard__PublicUrl").Value = "http://sweep.example.com"),
        Breaks<DashboardRule>(
            "the ingress leads to another name than the dashboard's",
            "which is not its host",
            m => m.The<V1Ingress>("sweep-dashboard").Spec.Rules[0].Host = "other.example.com"),
        Breaks<DashboardRule>("the ingress has no TLS", "is not served by TLS", m => m.The<V1Ingress>("sweep-dashboard").Spec.Tls = null),
        Breaks<DashboardRule>(
            "the ingress sends a page's requests to any pod",
            "affinity is not cookie",
            m => m.The<V1Ingress>("sweep-dashboard").Metadata.Annotations.Remove("nginx.ingress.kubernetes.io/affinity")),
        Breaks<DashboardRule>(
            "the ingress leads to a port that the service lacks",
            "there is no port web",
            m => m.The<V1Ingress>("sweep-dashboard").Spec.Rules[0].Http.Paths[0].Backend.Service.Port.Name = "web"),
        Breaks<DashboardRule>("the service sends a page's requests to any pod", "sessionAffinity", m => m.The<V1Service>("sweep-dashboard").Spec.SessionAffinity = "None", "dev"),
        Breaks<DashboardRule>(
            "the dashboard listens at another port than its pod's",
            "port http is 8080, Sweep__Dashboard__Port is 8081",
            m => Variable(m, "sweep-dashboard", "Sweep__Dashboard__Port").Value = "8081"),
        Breaks<DashboardRule>(
            "the dashboard looks for another cluster",
            "Sweep__Silo__ClusterId is other",
            m => Variable(m, "sweep-dashboard", "Sweep__Silo__ClusterId").Value = "other"),
        Breaks<DashboardRule>(
            "the silos' gateways are closed to the dashboard",
            "no NetworkPolicy lets it in",
            m => SiloPolicy(m).Ingress.RemoveAt(1)),
        Breaks<DashboardRule>(
            "the dashboard may not leave its pod",
            "no NetworkPolicy lets it out",
            m => m.The<V1NetworkPolicy>("sweep-dashboard").Spec.Egress.Clear()),
        Breaks<DashboardRule>(
            "the dashboard calls itself a silo",
            "has a silo's label",
            m => Labels(m, "sweep-dashboard")["orleans/serviceId"] = "sweep"),

        Breaks<EnvironmentRule>(
            "a setting's name has a typing error",
            "SweepSiloOptions has no Rolles",
            m => Variable(m, "sweep-worker", "Sweep__Silo__Roles").Name = "Sweep__Silo__Rolles"),
        Breaks<EnvironmentRule>(
            "a setting's section has a typing error",
            "there is no section Sweep:Sillo",
            m => Variable(m, "sweep-worker", "Sweep__Silo__Roles").Name = "Sweep__Sillo__Roles"),
        Breaks<EnvironmentRule>(
            "a setting of the shared map has a typing error",
            "SweepSiloOptions has no SiloPrt",
            m => Rename(Settings(m), "Sweep__Silo__SiloPort", "Sweep__Silo__SiloPrt")),
        Breaks<EnvironmentRule>("a setting's value is none of its type", "eleven", m => Settings(m)["Sweep__Silo__SiloPort"] = "eleven"),
        Breaks<EnvironmentRule>(
            "a setting's value is one that its class refuses",
            "Sweep:Silo:SiloPort",
            m => Settings(m)["Sweep__Silo__SiloPort"] = "70000"),
        Breaks<EnvironmentRule>(
            "a setting of a section of its own has a typing error",
            "MessagingOptions has no UseTls",
            m => Variable(m, "sweep-worker", "Sweep__Messaging__Tls").Name = "Sweep__Messaging__UseTls"),
        Breaks<EnvironmentRule>(
            "a section of its own refuses its value",
            "Sweep:Messaging:Transport",
            m => Settings(m)["Sweep__Messaging__Transport"] = "rabbit"),
        Breaks<EnvironmentRule>("a role is none", "'workr'", m => Variable(m, "sweep-worker", "Sweep__Silo__Roles").Value = "workr"),
        Breaks<EnvironmentRule>(
            "a silo has no store",
            "Sweep:Store:ConnectionString (Sweep__Store__ConnectionString)",
            m => Container(m, "sweep-worker").Env.Remove(Variable(m, "sweep-worker", "Sweep__Store__ConnectionString"))),
        Breaks<EnvironmentRule>(
            "a variable is used before it is defined",
            "$(ORLEANS_CLUSTER_ID), which nothing before it defines",
            m => Container(m, "sweep-worker").Env.Remove(Variable(m, "sweep-worker", "ORLEANS_CLUSTER_ID"))),
        Breaks<EnvironmentRule>(
            "a variable is set twice",
            "Sweep__Silo__Roles is set twice",
            m => Container(m, "sweep-worker").Env.Add(new V1EnvVar { Name = "Sweep__Silo__Roles", Value = "worker" })),

        Breaks<ReferenceRule>(
            "a secret's name has a typing error",
            "Secret sweep-brokr",
            m => Variable(m, "sweep-worker", "Sweep__Messaging__Password").ValueFrom.SecretKeyRef.Name = "sweep-brokr"),
        Breaks<ReferenceRule>(
            "a secret's key has a typing error",
            "no key passwort",
            m => Variable(m, "sweep-worker", "Sweep__Messaging__Password").ValueFrom.SecretKeyRef.Key = "passwort"),
        Breaks<ReferenceRule>(
            "the settings' map is another",
            "no ConfigMap sweep-config",
            m => Container(m, "sweep-worker").EnvFrom[0].ConfigMapRef.Name = "sweep-config"),
        Breaks<ReferenceRule>(
            "a claim does not exist",
            "no PersistentVolumeClaim models",
            m => Pod(m, "sweep-worker").Volumes.Single(volume => volume.PersistentVolumeClaim is not null).PersistentVolumeClaim.ClaimName = "models"),
        Breaks<ReferenceRule>(
            "a mounted volume does not exist",
            "no volume tpm",
            m => Container(m, "sweep-worker").VolumeMounts.Single(mount => mount.MountPath == "/tmp").Name = "tpm"),
        Breaks<ReferenceRule>(
            "a volume's secret does not exist",
            "no Secret sweep-cert",
            m => Pod(m, "sweep-worker").Volumes.Single(volume => volume.Secret is not null).Secret.SecretName = "sweep-cert"),
        Breaks<ReferenceRule>(
            "the service account does not exist",
            "no ServiceAccount silo",
            m => Pod(m, "sweep-worker").ServiceAccountName = "silo"),
        Breaks<ReferenceRule>("a binding's role does not exist", "no Role silo", m => m.The<V1RoleBinding>("sweep-silo").RoleRef.Name = "silo"),
        Breaks<ReferenceRule>(
            "the autoscaler's secret has no such key",
            "no key user",
            m => m.The<TriggerAuthentication>("sweep-store").Spec.SecretTargetRef[0].Key = "user"),
    ];
}
