using System.Globalization;
using k8s.Models;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Services, probes and monitors name ports that the containers behind them have.</summary>
internal sealed class PortRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            foreach (var problem in OfContainers(workload))
                yield return problem;
        }

        foreach (var service in manifests.Of<V1Service>())
        {
            foreach (var port in service.Spec.Ports)
            {
                var target = port.TargetPort?.Value ?? port.Port.ToString(CultureInfo.InvariantCulture);
                foreach (var workload in manifests.Workloads.Where(workload => LabelSelection.Selects(service.Spec.Selector, workload.Labels) && workload.FindPort(target) is null))
                    yield return $"Service/{service.Metadata.Name}: target port {target} is no port of {workload}";
            }
        }

        foreach (var monitor in manifests.Of<ServiceMonitor>())
        {
            var ports = manifests.Of<V1Service>().Where(service => monitor.Spec.Selector.Selects(service.Metadata.Labels ?? new Dictionary<string, string>()))
                .SelectMany(service => service.Spec.Ports).Select(port => port.Name).ToHashSet();
            foreach (var endpoint in monitor.Spec.Endpoints.Where(endpoint => endpoint.Port is null || !ports.Contains(endpoint.Port)))
                yield return $"ServiceMonitor/{monitor.Metadata.Name}: {endpoint.Port ?? "no port"} is no port of the services it selects";
        }
    }

    private static IEnumerable<string> OfContainers(Workload workload)
    {
        var ports = workload.Containers.SelectMany(container => container.Ports ?? []).ToList();
        foreach (var port in ports.Where(port => port.ContainerPort is < 1 or > 65535))
            yield return $"{workload}: {port.ContainerPort} is no port";
        foreach (var port in ports.GroupBy(port => port.ContainerPort).Where(group => group.Count() > 1))
            yield return $"{workload}: two ports are {port.Key}";
        foreach (var (container, kind, probe) in workload.Containers.SelectMany(Probes))
        {
            var port = probe.HttpGet?.Port ?? probe.TcpSocket?.Port;
            if (port is not null && !(container.Ports ?? []).Any(found => found.Name == port.Value || found.ContainerPort.ToString(CultureInfo.InvariantCulture) == port.Value))
                yield return $"{workload}: the {kind} probe asks port {port.Value}, which container {container.Name} does not have";
        }
    }

    internal static IEnumerable<(V1Container Container, string Kind, V1Probe Probe)> Probes(V1Container container)
    {
        foreach (var (kind, probe) in new[] { ("startup", container.StartupProbe), ("liveness", container.LivenessProbe), ("readiness", container.ReadinessProbe) })
        {
            if (probe is not null)
                yield return (container, kind, probe);
        }
    }
}
