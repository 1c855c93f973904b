using Sweep.Deployment.Tests.Crds;
using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Schemas;
using Xunit;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Sweep.Deployment.Tests.Alerts;

/// <summary>The alerts name metrics that exist, say what to do, fire when they should and only then.</summary>
public sealed class AlertTests
{
    private static readonly string Tests = File.ReadAllText(Fixtures.Shipped("Tests", "Deployment.Tests", "Alerts", "alerts.test.yaml"));

    [Fact]
    public async Task Alerts_Metrics_AreThoseOfMeterClasses() => Assert.Empty(await UnknownMetricsAsync(await RulesAsync()));

    [Fact]
    public async Task Alerts_MetricOfNoClass_IsFound()
    {
        var rules = await RulesAsync();
        rules.Alerts.First(alert => alert.Alert == "SweepOutboxOld").Expr = "max(sweep_outbox_oldest_age) > 300";
        Assert.Equal(["sweep_outbox_oldest_age"], await UnknownMetricsAsync(rules));
    }

    [Fact]
    public async Task Alerts_RequiredByTheDesign_AreThere() =>
        Assert.Equal(
            ["SweepBatchQuarantined", "SweepLateWrites", "SweepNoCoordinator", "SweepNoProgress", "SweepOutboxOld"],
            (await RulesAsync()).Alerts.Select(alert => alert.Alert).Order(StringComparer.Ordinal));

    /// <summary>The link's end is how a heading of that name is reached.</summary>
    [Fact]
    public async Task Alerts_Runbook_HasASectionForEach()
    {
        var headings = (await File.ReadAllLinesAsync(Fixtures.Shipped("docs", "runbook.md"), TestContext.Current.CancellationToken))
            .Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#', ' ')).ToHashSet();
        foreach (var alert in (await RulesAsync()).Alerts)
        {
            Assert.Contains(alert.Alert!, headings);
            Assert.Equal($"docs/runbook.md#{alert.Alert!.ToLowerInvariant()}", alert.Annotations["runbook"]);
            Assert.Contains(alert.Labels["severity"], new[] { "critical", "warning" });
            Assert.NotEmpty(alert.Annotations["summary"]);
        }
    }

    [Fact]
    public async Task Alerts_Promtool_AcceptsThem() => (await Promtool.CheckAsync(await RulesAsync())).Successful("promtool check rules");

    [Fact]
    public async Task Alerts_Promtool_TheyFireWhenTheyShould() => (await Promtool.TestAsync(await RulesAsync(), Tests)).Successful("promtool test rules");

    /// <summary>Each expression, made one that never fires or one that always does, is noticed.</summary>
    [Theory]
    [InlineData("SweepNoProgress", "vector(0) > 0")]
    [InlineData("SweepNoProgress", "sum by (namespace) (sweep_queue_depth) > 0 and sum by (namespace) (rate(sweep_rows_total[10m])) == 0")]
    [InlineData("SweepNoCoordinator", "count by (namespace) (sweep_sweeps_active) == 0")]
    [InlineData("SweepBatchQuarantined", "sum by (namespace) (increase(sweep_batches_quarantined_total[1h])) > 0")]
    [InlineData("SweepLateWrites", "sum by (namespace) (sweep_late_writes_total) > 0")]
    [InlineData("SweepOutboxOld", "max by (namespace) (sweep_outbox_oldest_age_seconds) > 3000")]
    public async Task Alerts_WrongExpression_FailsItsTest(string name, string expression)
    {
        var rules = await RulesAsync();
        rules.Alerts.Single(alert => alert.Alert == name).Expr = expression;
        var result = await Promtool.TestAsync(rules, Tests);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(name, result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_Tests_ShowEachToFireAndNotToFire()
    {
        var file = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).IgnoreUnmatchedProperties().Build().Deserialize<TestFile>(Tests);
        var cases = file.Tests.SelectMany(test => test.AlertRuleTest).ToLookup(found => found.Alertname, found => found.ExpAlerts.Count > 0);
        foreach (var alert in (await RulesAsync()).Alerts)
        {
            Assert.Contains(true, cases[alert.Alert!]);
            Assert.Contains(false, cases[alert.Alert!]);
        }
    }

    private static async Task<PrometheusRule> RulesAsync() => (await ManifestSet.LoadAsync("prod")).Of<PrometheusRule>().Single();

    private static async Task<IReadOnlyList<string>> UnknownMetricsAsync(PrometheusRule rules)
    {
        var known = MetricCatalog.Instruments.SelectMany(PrometheusNames.Of).ToHashSet();
        var answers = await SchemaCheck.AskAsync([.. rules.Alerts.Select(alert => new SchemaRequest("promql", alert.Expr))]);
        Assert.Empty(answers.SelectMany(answer => answer.Problems));
        Assert.All(answers, answer => Assert.NotEmpty(answer.Metrics));
        return [.. answers.SelectMany(answer => answer.Metrics).Distinct().Where(metric => !known.Contains(metric))];
    }

    private sealed class TestFile
    {
        public List<TestCase> Tests { get; set; } = [];
    }

    private sealed class TestCase
    {
        public List<AlertCase> AlertRuleTest { get; set; } = [];
    }

    private sealed class AlertCase
    {
        public string Alertname { get; set; } = "";

        public List<object> ExpAlerts { get; set; } = [];
    }
}
