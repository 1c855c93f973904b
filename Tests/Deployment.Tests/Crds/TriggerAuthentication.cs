namespace Sweep.Deployment.Tests.Crds;

/// <summary>keda.sh/v1alpha1, the fields that manifests here may use.</summary>
internal sealed class TriggerAuthentication : CustomResource
{
    public TriggerAuthenticationSpec Spec { get; set; } = new();
}

internal sealed class TriggerAuthenticationSpec
{
    public IList<TriggerSecret> SecretTargetRef { get; set; } = [];
}

internal sealed class TriggerSecret
{
    public string Parameter { get; set; } = "";

    public string Name { get; set; } = "";

    public string Key { get; set; } = "";
}
