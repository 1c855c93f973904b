using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Settings;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Every Sweep__ variable is a property of the options class of its section, with a value that the class accepts; no variable is set twice.</summary>
internal sealed class EnvironmentRule : IManifestRule
{
    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            foreach (var container in workload.Containers)
            {
                var settings = ContainerSettings.Of(manifests, container);
                foreach (var problem in OptionsSections.Problems(settings).Concat(ContainerSettings.Undefined(manifests, container)))
                    yield return $"{workload}: {problem}";
                foreach (var twice in settings.GroupBy(setting => setting.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
                    yield return $"{workload}: {twice.Key} is set twice";
            }
        }
    }
}
