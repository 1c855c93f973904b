namespace Sweep.Deployment.Tests.Crds;

/// <summary>keda.sh/v1alpha1, the fields that manifests here may use.</summary>
internal sealed class ScaledObject : CustomResource
{
    public ScaledObjectSpec Spec { get; set; } = new();
}

internal sealed class ScaledObjectSpec
{
    public ScaleTarget ScaleTargetRef { get; set; } = new();

    public int? PollingInterval { get; set; }

    public int? CooldownPeriod { get; set; }

    public int? MinReplicaCount { get; set; }

    public int? MaxReplicaCount { get; set; }

    public IList<ScaleTrigger> Triggers { get; set; } = [];
}

internal sealed class ScaleTarget
{
    public string Name { get; set; } = "";
}

internal sealed class ScaleTrigger
{
    public string Type { get; set; } = "";

    public IDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>();

    public ScaleTarget? AuthenticationRef { get; set; }
}
