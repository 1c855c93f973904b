using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Sweep.Deployment.Tests.Crds;

namespace Sweep.Deployment.Tests.Manifests;

/// <summary>The objects of an overlay as the API server would get them.</summary>
internal sealed class ManifestSet
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Texts = new(StringComparer.Ordinal);

    private readonly IReadOnlyList<IKubernetesObject<V1ObjectMeta>> _objects;

    private ManifestSet(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects) => _objects = objects;

    /// <summary>Names of the folders below k8s/overlays.</summary>
    public static IReadOnlyList<string> Overlays { get; } =
        [.. Directory.GetDirectories(Fixtures.Shipped("k8s", "overlays")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> All => _objects;

    /// <summary>Everything that makes pods.</summary>
    public IReadOnlyList<Workload> Workloads => [.. _objects.Select(found => Workload.Of(found)).OfType<Workload>()];

    /// <summary>Workloads that are members of the Orleans cluster.</summary>
    public IReadOnlyList<Workload> Silos => [.. Workloads.Where(workload => workload.Container.Name == "sweep" && workload.Labels.ContainsKey("orleans/serviceId"))];

    /// <summary>The overlay's text out of kustomize, built once.</summary>
    public static Task<string> TextAsync(string overlay) =>
        Texts.GetOrAdd(overlay, name => new(() => Kubectl.KustomizeAsync(Path.Combine("k8s", "overlays", name)))).Value;

    public static async Task<ManifestSet> LoadAsync(string overlay) => Parse(await TextAsync(overlay));

    /// <summary>Strict: an unknown field, a double one or one of another type is an exception.</summary>
    public static ManifestSet Parse(string text) =>
        new([.. KubernetesYaml.LoadAllFromString(text, CustomResource.Types, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>()]);

    public IEnumerable<T> Of<T>() => _objects.OfType<T>();

    /// <summary>The one of this type and name.</summary>
    public T The<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> =>
        _objects.OfType<T>().Single(found => found.Metadata.Name == name);

    public Workload WorkloadNamed(string name) => Workloads.Single(workload => workload.Name == name);
}
