using k8s.Models;
using Sweep.Deployment.Tests.Crds;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>How a cluster is run: availability, GPUs, autoscaling, encryption.</summary>
internal static partial class Mutations
{
    private static IReadOnlyList<Mutation> Operation { get; } =
    [
        Breaks<AvailabilityRule>("workers share a node", "does not spread over nodes", m => Pod(m, "sweep-worker").TopologySpreadConstraints = null),
        Breaks<AvailabilityRule>(
            "a node is never drained",
            "never lets a node be drained",
            m => m.The<V1PodDisruptionBudget>("sweep-worker").Spec.MaxUnavailable = 0),
        Breaks<AvailabilityRule>(
            "a silo has two budgets",
            "has 2 disruption budgets",
            m => m.The<V1PodDisruptionBudget>("sweep-worker").Spec.Selector.MatchLabels.Remove("app.kubernetes.io/component")),
        Breaks<AvailabilityRule>("there is one coordinator", "expected 2 or more", m => Deployment(m, "sweep-coordinator").Replicas = 1),
        Breaks<AvailabilityRule>(
            "a new version takes coordinators away",
            "may take ready coordinators away",
            m => Deployment(m, "sweep-coordinator").Strategy.RollingUpdate.MaxUnavailable = 1),

        Breaks<GpuRule>(
            "a worker has two GPUs",
            "has 2 GPUs",
            m => Container(m, "sweep-worker").Resources.Limits["nvidia.com/gpu"] = new ResourceQuantity("2")),
        Breaks<GpuRule>("a worker has no GPU", "has 0 GPUs", m => Container(m, "sweep-worker").Resources.Limits.Remove("nvidia.com/gpu")),
        Breaks<GpuRule>(
            "a worker wants another GPU than its own",
            "expected cuda:0",
            m => Variable(m, "sweep-worker", "Sweep__Worker__Devices__0").Value = "cuda:1"),
        Breaks<GpuRule>(
            "a worker's image has no CUDA",
            "is not one with CUDA",
            m => Container(m, "sweep-worker").Image = "registry.example.com/sweep:0.1.0-cpu"),
        Breaks<GpuRule>("a worker does not tolerate GPU nodes", "is not sent to nodes with GPUs", m => Pod(m, "sweep-worker").Tolerations = null),
        Breaks<GpuRule>(
            "a coordinator takes a GPU node's place",
            "would take a place",
            m => (Pod(m, "sweep-coordinator").NodeSelector, Pod(m, "sweep-coordinator").Tolerations) = (Pod(m, "sweep-worker").NodeSelector, Pod(m, "sweep-worker").Tolerations)),

        Breaks<AutoscalingRule>(
            "the autoscaler's target does not exist",
            "no Deployment sweep-workers",
            m => m.The<ScaledObject>("sweep-worker").Spec.ScaleTargetRef.Name = "sweep-workers"),
        Breaks<AutoscalingRule>(
            "the autoscaler's target sets replicas",
            "would undo the autoscaler",
            m => Deployment(m, "sweep-worker").Replicas = 2),
        Breaks<AutoscalingRule>(
            "the autoscaler has no credentials",
            "no TriggerAuthentication store",
            m => m.The<ScaledObject>("sweep-worker").Spec.Triggers[0].AuthenticationRef!.Name = "store"),
        Breaks<AutoscalingRule>(
            "the autoscaler asks nothing",
            "has no query",
            m => m.The<ScaledObject>("sweep-worker").Spec.Triggers[0].Metadata.Remove("query")),
        Breaks<AutoscalingRule>(
            "the autoscaler would never see work for all",
            "is 31, expected at least 32",
            m => Settings(m)["Sweep__Planner__BatchesAhead"] = "31"),
        Breaks<AutoscalingRule>(
            "nobody says how many workers there are",
            "neither sets replicas nor has an autoscaler",
            m => Deployment(m, "sweep-worker").Replicas = null,
            "dev"),

        Breaks<EncryptionRule>(
            "Postgres is not verified",
            "connection to Postgres is not verified",
            m => Replace(Variable(m, "sweep-worker", "Sweep__Store__ConnectionString"), "VerifyFull", "Prefer")),
        Breaks<EncryptionRule>(
            "the certificate authority is not mounted",
            "/etc/sweep/ca is not mounted",
            m => Container(m, "sweep-migrate").VolumeMounts.RemoveAt(Container(m, "sweep-migrate").VolumeMounts.ToList().FindIndex(mount => mount.Name == "ca"))),
        Breaks<EncryptionRule>(
            "RabbitMQ is not encrypted",
            "RabbitMQ is not encrypted",
            m => Variable(m, "sweep-worker", "Sweep__Messaging__Tls").Value = "false"),
        Breaks<EncryptionRule>(
            "RabbitMQ's certificate authority is another",
            "does not trust /etc/sweep/ca/ca.crt",
            m => Variable(m, "sweep-worker", "Sweep__Messaging__TlsAuthority").Value = "/etc/ssl/ca.crt"),
        Breaks<EncryptionRule>(
            "the autoscaler does not verify Postgres",
            "sslmode disable",
            m => m.The<ScaledObject>("sweep-worker").Spec.Triggers[0].Metadata["sslmode"] = "disable"),
    ];
}
