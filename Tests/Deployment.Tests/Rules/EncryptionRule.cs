using k8s.Models;
using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Settings;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Where Postgres and RabbitMQ are outside the namespace, every connection to them is encrypted and checks who answers.</summary>
internal sealed class EncryptionRule : IManifestRule
{
    private const string Authority = "/etc/sweep/ca/ca.crt";

    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            var settings = ContainerSettings.Of(manifests, workload.Container).ToDictionary(setting => setting.Name, setting => setting.Value);
            if (settings.TryGetValue("Sweep__Store__ConnectionString", out var connection) && !IsInside(manifests, "sweep-postgres"))
            {
                if (connection?.Contains("SSL Mode=VerifyFull", StringComparison.Ordinal) != true || !connection.Contains($"Root Certificate={Authority}", StringComparison.Ordinal))
                    yield return $"{workload}: its connection to Postgres is not verified (SSL Mode=VerifyFull; Root Certificate)";
                if (!Mounts(workload, "/etc/sweep/ca"))
                    yield return $"{workload}: /etc/sweep/ca is not mounted";
            }

            if (settings.ContainsKey("Sweep__Messaging__Host") && !IsInside(manifests, "sweep-rabbitmq"))
            {
                if (settings.GetValueOrDefault("Sweep__Messaging__Tls") != "true")
                    yield return $"{workload}: its connection to RabbitMQ is not encrypted (Sweep__Messaging__Tls)";
                if (settings.GetValueOrDefault("Sweep__Messaging__TlsAuthority") != Authority)
                    yield return $"{workload}: its connection to RabbitMQ does not trust {Authority} (Sweep__Messaging__TlsAuthority)";
            }
        }

        foreach (var trigger in manifests.Of<ScaledObject>().SelectMany(scaled => scaled.Spec.Triggers).Where(trigger => trigger.Metadata.Find("sslmode") != "verify-full"))
            yield return $"the autoscaler's connection to Postgres is not verified (sslmode {trigger.Metadata.Find("sslmode") ?? "not set"})";
    }

    private static bool IsInside(ManifestSet manifests, string name) => manifests.Of<V1StatefulSet>().Any(set => set.Metadata.Name == name);

    private static bool Mounts(Workload workload, string path) => (workload.Container.VolumeMounts ?? []).Any(mount => mount.MountPath == path);
}
