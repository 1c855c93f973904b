using k8s.Models;

namespace Sweep.Deployment.Tests.Crds;

/// <summary>monitoring.coreos.com/v1, the fields that manifests here may use.</summary>
internal sealed class ServiceMonitor : CustomResource
{
    public ServiceMonitorSpec Spec { get; set; } = new();
}

internal sealed class ServiceMonitorSpec
{
    public V1LabelSelector Selector { get; set; } = new();

    public IList<MonitoredEndpoint> Endpoints { get; set; } = [];
}

internal sealed class MonitoredEndpoint
{
    public string? Port { get; set; }

    public string? Path { get; set; }

    public string? Interval { get; set; }

    public string? ScrapeTimeout { get; set; }
}
