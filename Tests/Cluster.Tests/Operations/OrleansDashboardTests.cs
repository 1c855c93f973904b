using System.Net;
using System.Text;
using Xunit;

namespace Sweep.Cluster.Tests.Operations;

[Collection(RunningCluster.Name)]
public sealed class OrleansDashboardTests(RunningCluster running)
{
    [Fact]
    public async Task Pages_WithATokenConfigured_NeedItAsBearerOrPassword()
    {
        foreach (var path in new[] { "/orleans/", "/orleans/DashboardCounters", "/orleans/Trace" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await running.Coordinator.GetAsync(path)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await running.Coordinator.GetAsync(path, "Bearer wrong-token-of-this-test")).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await running.Coordinator.GetAsync(path, "Basic not base64")).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await running.Coordinator.GetAsync("/orleans/", $"Bearer {RunningCluster.DashboardToken}")).Status);
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{RunningCluster.DashboardToken}"));
        var (status, counters) = await running.Coordinator.GetAsync("/orleans/DashboardCounters", $"Basic {basic}");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"totalActiveHostCount\":2", counters, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_WhereTheyAreOff_AreNotThere() =>
        Assert.Equal(HttpStatusCode.NotFound, (await running.Worker.GetAsync("/orleans/")).Status);
}
