using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Settings;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>A pod that uses CUDA has one GPU, a node that carries one, and an image with CUDA; no other pod has any of it.</summary>
internal sealed class GpuRule : IManifestRule
{
    private const string Gpu = "nvidia.com/gpu";

    public IEnumerable<string> Problems(ManifestSet manifests)
    {
        foreach (var workload in manifests.Workloads)
        {
            var devices = ContainerSettings.Of(manifests, workload.Container).Where(setting => setting.Name.StartsWith("Sweep__Worker__Devices", StringComparison.Ordinal)).ToList();
            var usesGpu = devices.Any(device => device.Value.StartsWith("cuda", StringComparison.Ordinal));
            var limits = workload.Container.Resources?.Limits;
            var gpus = limits is not null && limits.TryGetValue(Gpu, out var amount) ? amount.ToDecimal() : 0;
            if (gpus != (usesGpu ? 1 : 0))
                yield return $"{workload}: has {gpus} GPUs, expected {(usesGpu ? "1, one worker a pod" : "none")}";
            if (usesGpu && devices is not [{ Value: "cuda:0" }])
                yield return $"{workload}: its devices are {string.Join(", ", devices.Select(device => device.Value))}, expected cuda:0, the one GPU that its pod has";
            if (usesGpu != workload.Container.Image.EndsWith("-cuda", StringComparison.Ordinal))
                yield return $"{workload}: image {workload.Container.Image} is {(usesGpu ? "not one" : "one")} with CUDA";
            var isOnGpuNode = workload.Pod.NodeSelector?.Keys.Any(key => key.StartsWith("nvidia.com/", StringComparison.Ordinal)) == true
                && (workload.Pod.Tolerations ?? []).Any(toleration => toleration is { Key: Gpu, Effect: "NoSchedule" });
            if (isOnGpuNode != usesGpu)
                yield return $"{workload}: {(usesGpu ? "is not sent to nodes with GPUs (nodeSelector and toleration)" : "would take a place on a node with GPUs")}";
        }
    }
}
