using System.Globalization;
using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Settings;
using Sweep.Grains.Workers;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>A silo's pod has what Orleans' Kubernetes hosting reads, ports that agree with its settings, and time to finish what it runs.</summary>
internal sealed class SiloPodRule : IManifestRule
{
    /// <summary>A silo that stops waits for its micro-batches; then one that is done may still wait for the store.</summary>
    private static readonly double DrainSeconds = new WorkerOptions().DrainSeconds + new WorkerOptions().StorePatienceSeconds;

    /// <summary>Where each variable comes from.</summary>
    private static readonly Dictionary<string, string> PodFacts = new()
    {
        ["POD_NAME"] = "metadata.name",
        ["POD_NAMESPACE"] = "metadata.namespace",
        ["POD_IP"] = "status.podIP",
        ["ORLEANS_SERVICE_ID"] = "metadata.labels['orleans/serviceId']",
        ["ORLEANS_CLUSTER_ID"] = "metadata.labels['orleans/clusterId']",
    };

    private static readonly Dictionary<string, string> Ports = new()
    {
        ["silo"] = "Sweep__Silo__SiloPort",
        ["gateway"] = "Sweep__Silo__GatewayPort",
        ["http"] = "Sweep__Network__HttpPort",
    };

    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var name in new[] { "sweep-coordinator", "sweep-worker" })
        {
            if (manifests.Silos.All(silo => silo.Name != name))
                yield return $"Deployment/{name}: is no silo (label orleans/serviceId)";
        }

        if (manifests.Silos.Select(silo => (silo.Labels.Find("orleans/serviceId"), silo.Labels.Find("orleans/clusterId"))).Distinct().Count() > 1)
            yield return "silos differ in orleans/serviceId or orleans/clusterId: they are two clusters";

        foreach (var silo in manifests.Silos)
        {
            if (!silo.Labels.ContainsKey("orleans/clusterId"))
                yield return $"{silo}: its pods have no label orleans/clusterId";
            foreach (var (name, path) in PodFacts)
            {
                if ((silo.Container.Env ?? []).SingleOrDefault(variable => variable.Name == name)?.ValueFrom?.FieldRef?.FieldPath != path)
                    yield return $"{silo}: {name} is not {path}";
            }

            var settings = ContainerSettings.Of(manifests, silo.Container).ToDictionary(setting => setting.Name, setting => setting.Value);
            foreach (var (port, setting) in Ports)
            {
                if (silo.FindPort(port) is not { } number || settings.GetValueOrDefault(setting) != number.ToString(CultureInfo.InvariantCulture))
                    yield return $"{silo}: port {port} is {silo.FindPort(port)?.ToString(CultureInfo.InvariantCulture) ?? "missing"}, {setting} is {settings.GetValueOrDefault(setting) ?? "not set"}";
            }

            if ((silo.Pod.TerminationGracePeriodSeconds ?? 30) <= DrainSeconds)
                yield return $"{silo}: has {silo.Pod.TerminationGracePeriodSeconds ?? 30} s to end, expected more than {DrainSeconds}: it may wait that long for its micro-batches and for the store";
            if ((silo.Container.VolumeMounts ?? []).SingleOrDefault(mount => mount.MountPath == "/models") is not { ReadOnlyProperty: true })
                yield return $"{silo}: does not mount /models read-only";
            if ((silo.Container.VolumeMounts ?? []).All(mount => mount.MountPath != "/tmp"))
                yield return $"{silo}: has no /tmp to write to";
        }
    }
}
