using System.Globalization;
using k8s.Models;
using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Settings;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>The dashboard accepts what it is told, reaches the silos' gateways, keeps a visitor's conversation with one pod, and is no member of the cluster.</summary>
internal sealed class DashboardRule : IManifestRule
{
    private const string Name = "sweep-dashboard";
    private const string NginxAffinity = "nginx.ingress.kubernetes.io/affinity";

    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        var dashboard = manifests.WorkloadNamed(Name);
        if (dashboard.Labels.ContainsKey("orleans/serviceId"))
            yield return $"{dashboard}: has a silo's label orleans/serviceId";
        var settings = ContainerSettings.Of(manifests, dashboard.Container).ToDictionary(setting => setting.Name, setting => setting.Value);
        foreach (var problem in DashboardSettings.Problems(settings.Select(pair => new Setting(pair.Key, Sample(pair.Key, pair.Value)))))
            yield return $"{dashboard}: {problem}";
        if (dashboard.FindPort("http") is not { } port || settings.GetValueOrDefault("Sweep__Dashboard__Port") != port.ToString(CultureInfo.InvariantCulture))
            yield return $"{dashboard}: port http is {dashboard.FindPort("http")?.ToString(CultureInfo.InvariantCulture) ?? "missing"}, Sweep__Dashboard__Port is {settings.GetValueOrDefault("Sweep__Dashboard__Port") ?? "not set"}";
        foreach (var (label, setting) in new[] { ("orleans/serviceId", "Sweep__Silo__ServiceId"), ("orleans/clusterId", "Sweep__Silo__ClusterId") })
        {
            if (manifests.Silos.Any(silo => silo.Labels.Find(label) != settings.GetValueOrDefault(setting)))
                yield return $"{dashboard}: {setting} is {settings.GetValueOrDefault(setting) ?? "not set"}, which is not what the silos' label {label} says";
        }

        if (manifests.The<V1Service>(Name).Spec.SessionAffinity != "ClientIP")
            yield return $"Service/{Name}: sessionAffinity is not ClientIP: an open page would change its pod";
        foreach (var problem in OfIngresses(manifests, settings).Concat(OfNetwork(manifests, dashboard)))
            yield return problem;
    }

    private static IEnumerable<string> OfIngresses(ManifestSet manifests, Dictionary<string, string> settings)
    {
        foreach (var ingress in manifests.Of<V1Ingress>())
        {
            var name = $"Ingress/{ingress.Metadata.Name}";
            if (ingress.Metadata.Annotations?.Find(NginxAffinity) != "cookie")
                yield return $"{name}: {NginxAffinity} is not cookie: it goes past the service, and an open page would change its pod";
            var encrypted = (ingress.Spec.Tls ?? []).SelectMany(tls => tls.Hosts).ToHashSet();
            foreach (var host in ingress.Spec.Rules.Select(rule => rule.Host).Where(host => !encrypted.Contains(host)))
                yield return $"{name}: {host} is not served by TLS";
            if (ingress.Spec.Rules.Any(rule => settings.GetValueOrDefault("Sweep__Dashboard__PublicUrl") != $"https://{rule.Host}"))
                yield return $"{name}: Sweep__Dashboard__PublicUrl is {settings.GetValueOrDefault("Sweep__Dashboard__PublicUrl") ?? "not set"}, which is not its host";
            foreach (var service in ingress.Spec.Rules.SelectMany(rule => rule.Http.Paths).Select(path => path.Backend.Service).Where(service => !manifests.Of<V1Service>().Any(found => found.Metadata.Name == service.Name && found.Spec.Ports.Any(port => port.Name == service.Port.Name))))
                yield return $"{name}: there is no port {service.Port.Name} of a Service {service.Name}";
        }
    }

    private static IEnumerable<string> OfNetwork(ManifestSet manifests, Workload dashboard)
    {
        var policies = manifests.Of<V1NetworkPolicy>().ToList();
        foreach (var silo in manifests.Silos)
        {
            var number = silo.FindPort("gateway")?.ToString(CultureInfo.InvariantCulture);
            if (!policies.Where(policy => policy.Spec.PodSelector.Selects(silo.Labels)).SelectMany(policy => policy.Spec.Ingress ?? [])
                .Any(rule => (rule.FromProperty ?? []).Any(peer => peer.PodSelector?.Selects(dashboard.Labels) == true) && (rule.Ports ?? []).Any(port => port.Port.Value == "gateway" || port.Port.Value == number)))
                yield return $"{dashboard} may not reach {silo} on port gateway: no NetworkPolicy lets it in";
            if (!policies.Where(policy => policy.Spec.PodSelector.Selects(dashboard.Labels)).SelectMany(policy => policy.Spec.Egress ?? [])
                .Any(rule => (rule.To ?? []).Any(peer => peer.PodSelector?.Selects(silo.Labels) == true) && (rule.Ports ?? []).Any(port => port.Port.Value == number)))
                yield return $"{dashboard} may not reach {silo} on port gateway: no NetworkPolicy lets it out";
        }
    }

    /// <summary>What comes from a secret is known at run time only; this is such as it may be.</summary>
    private static string Sample(string name, string value) => name.EndsWith("Authority", StringComparison.Ordinal) ? "https://issuer.example.com" : value;
}
