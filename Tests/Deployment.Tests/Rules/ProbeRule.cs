using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Whatever runs on has a liveness and a readiness probe, and a silo, which takes its time to start, a startup probe.</summary>
internal sealed class ProbeRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads.Where(workload => !workload.RunsToItsEnd))
        {
            foreach (var container in workload.Pod.Containers)
            {
                if (container.LivenessProbe is null)
                    yield return $"{workload}: container {container.Name} has no liveness probe";
                if (container.ReadinessProbe is null)
                    yield return $"{workload}: container {container.Name} has no readiness probe";
            }
        }

        foreach (var silo in manifests.Silos)
        {
            if (silo.Container.StartupProbe?.HttpGet?.Path != "/health/live")
                yield return $"{silo}: its startup probe does not ask /health/live";
            if (silo.Container.LivenessProbe?.HttpGet?.Path != "/health/live")
                yield return $"{silo}: its liveness probe does not ask /health/live";
            if (silo.Container.ReadinessProbe?.HttpGet?.Path != "/health/ready")
                yield return $"{silo}: its readiness probe does not ask /health/ready";
        }
    }
}
