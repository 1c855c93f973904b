using Xunit;

namespace Sweep.Deployment.Tests.Manifests;

public sealed class KubectlTests
{
    [Theory]
    [InlineData("v1.20.2", false)]
    [InlineData("v1.26.15", false)]
    [InlineData("v1.27.0", true)]
    [InlineData("v1.32.4-dispatcher", true)]
    [InlineData("v1.33.1+k3s1", true)]
    [InlineData("v2.0", true)]
    [InlineData("unknown", false)]
    public void Version_OfAnAnswer_IsNewEnoughOrNot(string version, bool isNewEnough) =>
        Assert.Equal(isNewEnough, Kubectl.IsNewEnough(Kubectl.ParseVersion($$$"""{"clientVersion":{"major":"1","gitVersion":"{{{version}}}"},"kustomizeVersion":"v5.5.0"}""")));

    [Fact]
    public void Version_OfAnotherAnswer_IsNone() => Assert.Null(Kubectl.ParseVersion("""{"version":"1.33.0"}"""));
}
