using k8s.Models;
using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Every container says how much processor and memory it asks for and may have at most, and every scratch volume how large it may grow.</summary>
internal sealed class ResourceRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            foreach (var container in workload.Containers)
            {
                foreach (var resource in new[] { "cpu", "memory" })
                {
                    var request = Amount(container.Resources?.Requests, resource);
                    var limit = Amount(container.Resources?.Limits, resource);
                    if (request is null)
                        yield return $"{workload}: container {container.Name} requests no {resource}";
                    if (limit is null)
                        yield return $"{workload}: container {container.Name} has no limit of {resource}";
                    if (request > limit)
                        yield return $"{workload}: container {container.Name} requests more {resource} than its limit";
                }
            }

            foreach (var volume in (workload.Pod.Volumes ?? []).Where(volume => volume.EmptyDir is { SizeLimit: null }))
                yield return $"{workload}: volume {volume.Name} has no size limit";
        }
    }

    private static decimal? Amount(IDictionary<string, ResourceQuantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var amount) ? amount.ToDecimal() : null;
}
