namespace Sweep.Deployment.Tests.Crds;

/// <summary>monitoring.coreos.com/v1, the fields that manifests here may use.</summary>
internal sealed class PrometheusRule : CustomResource
{
    public PrometheusRuleSpec Spec { get; set; } = new();

    public IEnumerable<AlertRule> Alerts => Spec.Groups.SelectMany(group => group.Rules);
}

internal sealed class PrometheusRuleSpec
{
    public IList<RuleGroup> Groups { get; set; } = [];
}

internal sealed class RuleGroup
{
    public string Name { get; set; } = "";

    public IList<AlertRule> Rules { get; set; } = [];
}

internal sealed class AlertRule
{
    public string? Alert { get; set; }

    public string Expr { get; set; } = "";

    public string? For { get; set; }

    public IDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>();

    public IDictionary<string, string> Annotations { get; set; } = new Dictionary<string, string>();
}
