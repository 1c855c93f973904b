using Sweep.Deployment.Tests.Schemas;
using Xunit;
using YamlDotNet.Core;

namespace Sweep.Deployment.Tests.Compose;

/// <summary>compose.yaml has the form that Compose knows and keeps our rules; each rule is shown to fail.</summary>
public sealed class ComposeTests
{
    private static readonly string Text = File.ReadAllText(Fixtures.Shipped("compose.yaml"));

    [Fact]
    public void Compose_Services_AreThoseOfACluster() => Assert.Equal(["dashboard", "migrate", "postgres", "rabbitmq", "silo"], ComposeFile.Parse(Text).Services.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Compose_Schema_HasNoProblem() => Assert.Empty((await SchemaCheck.AskAsync("compose", Text)).Problems);

    [Fact]
    public void Compose_Rules_HaveNoProblem() => Assert.Empty(ComposeRules.Problems(ComposeFile.Parse(Text)));

    [Theory]
    [InlineData("    read_only: true", "    readonly: true")]
    [InlineData("    hostname: rabbitmq", "    hostname: rabbitmq\n    hostname: rabbit")]
    public void Compose_UnknownOrDoubleField_IsRefused(string from, string to) =>
        Assert.Throws<YamlException>(() => ComposeFile.Parse(Broken(from.TrimStart(), to.TrimStart())));

    [Theory]
    [InlineData("condition: service_healthy", "condition: healthy", "allowed values")]
    [InlineData("interval: 5s", "interval: often", "duration")]
    [InlineData("hostname: rabbitmq", "hostnames: rabbitmq", "additional properties")]
    public async Task Schema_BrokenText_IsRefused(string from, string to, string expected) =>
        Assert.Contains((await SchemaCheck.AskAsync("compose", Broken(from, to))).Problems, problem => problem.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("\"127.0.0.1:5432:5432\"", "\"5432:5432\"", "postgres: port 5432:5432 is published beyond loopback")]
    [InlineData("\"127.0.0.1::8080\"", "\"0.0.0.0::8080\"", "silo: port 0.0.0.0::8080 is published beyond loopback")]
    [InlineData("rabbitmq:4.1.3", "rabbitmq:latest", "rabbitmq: image rabbitmq:latest is not pinned")]
    [InlineData("read_only: true", "read_only: false", "root file system is not read-only")]
    [InlineData("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "keeps privileges")]
    [InlineData("user: \"999:999\"", "user: root", "postgres: runs as root")]
    [InlineData("  restart: unless-stopped\n", "", "postgres: is not started again")]
    [InlineData("Sweep__Silo__Clustering", "Sweep__Silo__Clusterin", "SweepSiloOptions has no Clusterin")]
    [InlineData("Sweep__Network__", "Sweep__Netwrk__", "no section Sweep:Netwrk")]
    [InlineData("Sweep__Store__ConnectionString", "Sweep__Store__Connection", "StoreOptions has no Connection")]
    [InlineData("Sweep__Silo__Membership: standard", "Sweep__Silo__Membership: slow", "'slow'")]
    [InlineData("Sweep__Messaging__Password: ${SWEEP_RABBITMQ_PASSWORD}", "Sweep__Messaging__Password: guest", "Sweep__Messaging__Password is 'guest'")]
    [InlineData("${SWEEP_POSTGRES_PASSWORD:?expected a password in .env}", "${SWEEP_POSTGRES_PASSWORD}", "SWEEP_POSTGRES_PASSWORD may be empty")]
    [InlineData("      migrate:\n        condition", "      migration:\n        condition", "depends on migration")]
    [InlineData("restart: on-failure", "restart: always", "waits for migrate to end")]
    [InlineData("volumes: [\"postgres:/var", "volumes: [\"pgdata:/var", "volume pgdata is not declared")]
    [InlineData("volumes: [\"postgres:/var", "volumes: [\"rabbitmq:/var", "volume postgres is nobody's")]
    [InlineData("replicas: 2", "replicas: 1", "expected 2 or more replicas")]
    [InlineData("/dev/tcp/127.0.0.1/8080 ", "/dev/tcp/127.0.0.1/8081 ", "does not ask /health/ready")]
    [InlineData("Sweep__Dashboard__Login: local", "Sweep__Dashboard__Login: none", "found 'none' with address 0.0.0.0")]
    [InlineData("Sweep__Dashboard__Login: local", "Sweep__Dashboard__Logins: local", "SweepDashboardOptions has no Logins")]
    [InlineData("\"127.0.0.1:5080:5080\"", "\"127.0.0.1:5080:8080\"", "dashboard: port 5080 is not published")]
    [InlineData("target: dashboard", "target: silo", "dashboard: is built from stage silo")]
    [InlineData("stop_grace_period: 150s", "stop_grace_period: 30s", "has 30s to end")]
    public void Rules_BrokenText_IsNoticed(string from, string to, string expected) =>
        Assert.Contains(ComposeRules.Problems(ComposeFile.Parse(Broken(from, to))), problem => problem.Contains(expected, StringComparison.Ordinal));

    private static string Broken(string from, string to)
    {
        Assert.Contains(from, Text, StringComparison.Ordinal);
        return Text.Replace(from, to, StringComparison.Ordinal);
    }
}
