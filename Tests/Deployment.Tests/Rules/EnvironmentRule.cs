using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Settings;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Every Sweep__ variable is a setting of an options class; what a silo is told, a silo accepts; no variable is set twice or used before it is defined.</summary>
internal sealed class EnvironmentRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            foreach (var container in workload.Containers)
            {
                var settings = ContainerSettings.Of(manifests, container);
                foreach (var problem in settings.Select(setting => SettingNames.Problem(setting.Name)).OfType<string>().Concat(ContainerSettings.Undefined(manifests, container)))
                    yield return $"{workload}: {problem}";
                foreach (var twice in settings.GroupBy(setting => setting.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
                    yield return $"{workload}: {twice.Key} is set twice";
            }
        }

        foreach (var silo in manifests.Silos)
        {
            foreach (var problem in SiloSettings.Problems(ContainerSettings.Of(manifests, silo.Container)))
                yield return $"{silo}: {problem}";
        }
    }
}
