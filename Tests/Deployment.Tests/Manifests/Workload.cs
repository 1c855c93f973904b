using k8s;
using k8s.Models;

namespace Sweep.Deployment.Tests.Manifests;

/// <summary>A Deployment, StatefulSet or Job, seen by its pods.</summary>
internal sealed class Workload
{
    private Workload(IKubernetesObject<V1ObjectMeta> source, V1PodTemplateSpec template, V1LabelSelector? selector, int? replicas)
    {
        Source = source;
        Template = template;
        Selector = selector;
        Replicas = replicas;
    }

    public IKubernetesObject<V1ObjectMeta> Source { get; }

    public V1PodTemplateSpec Template { get; }

    /// <summary>Null: a Job, which chooses its own.</summary>
    public V1LabelSelector? Selector { get; }

    /// <summary>Null: not said.</summary>
    public int? Replicas { get; }

    public string Name => Source.Metadata.Name;

    public bool RunsToItsEnd => Source is V1Job;

    public V1PodSpec Pod => Template.Spec;

    /// <summary>Of its pods.</summary>
    public IDictionary<string, string> Labels => Template.Metadata?.Labels ?? new Dictionary<string, string>();

    public IEnumerable<V1Container> Containers => (Pod.InitContainers ?? []).Concat(Pod.Containers);

    /// <summary>The first one.</summary>
    public V1Container Container => Pod.Containers[0];

    public static Workload? Of(IKubernetesObject<V1ObjectMeta> found) => found switch
    {
        V1Deployment deployment => new Workload(found, deployment.Spec.Template, deployment.Spec.Selector, deployment.Spec.Replicas),
        V1StatefulSet set => new Workload(found, set.Spec.Template, set.Spec.Selector, set.Spec.Replicas),
        V1Job job => new Workload(found, job.Spec.Template, null, job.Spec.Completions),
        V1Pod or V1DaemonSet or V1ReplicaSet or V1CronJob or V1ReplicationController =>
            throw new NotSupportedException($"{found.Kind}/{found.Metadata.Name} makes pods that no rule would see; teach {nameof(Workload)} its kind"),
        _ => null,
    };

    /// <summary>The container's port of this name or number; null when it has none.</summary>
    public int? FindPort(string nameOrNumber) =>
        Containers.SelectMany(container => container.Ports ?? [])
            .Where(port => port.Name == nameOrNumber || port.ContainerPort.ToString(System.Globalization.CultureInfo.InvariantCulture) == nameOrNumber)
            .Select(port => (int?)port.ContainerPort).FirstOrDefault();

    public override string ToString() => $"{Source.Kind}/{Name}";
}
