using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

/// <summary>What startup refuses.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, string, string?, string?> Wrong => new()
    {
        { "0.0.0.0", "none", null, "Sweep:Dashboard:Login (environment variable Sweep__Dashboard__Login): found 'none' with address 0.0.0.0" },
        { "::", "none", "https://sweep.example.org", "Sweep:Dashboard:Login" },
        { "10.1.2.3", "none", null, "Sweep:Dashboard:Login" },
        { "0.0.0.0", "local", null, "Sweep:Dashboard:PublicUrl (environment variable Sweep__Dashboard__PublicUrl): found nothing with address 0.0.0.0" },
        { "0.0.0.0", "local", "http://sweep.example.org", "expected https" },
        { "0.0.0.0", "local", "https://sweep.example.org/app", "no path" },
        { "0.0.0.0", "local", "sweep.example.org", "no path" },
        { "0.0.0.0", "oidc", "https://sweep.example.org", "Sweep:Dashboard:Oidc:Authority" },
        { "127.0.0.1", "ldap", null, "found 'ldap', expected none, local or oidc" },
        { "loopback", "none", null, "expected an IP address" },
        { "127.0.0.1", "none", null, null },
        { "::1", "none", null, null },
        { "127.0.0.1", "local", null, null },
        { "0.0.0.0", "local", "https://sweep.example.org", null },
        { "0.0.0.0", "local", "http://localhost:5080", null },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Problems_AddressAndLogin_NameSettingFoundAndExpected(string address, string login, string? publicUrl, string? expected)
    {
        string[] problems = [.. new SweepDashboardOptions { Address = address, Login = login, PublicUrl = publicUrl }.Problems()];
        if (expected is null)
            Assert.Empty(problems);
        else
            Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void AddSweepDashboard_BeyondLoopbackWithoutLogin_Throws() =>
        Assert.Throws<OptionsValidationException>(() => WebApplication.CreateBuilder().AddSweepDashboard(new SweepDashboardOptions { Address = "0.0.0.0" }));

    /// <summary>Kestrel would listen there besides, with nobody asked for a login.</summary>
    [Fact]
    public void AddSweepDashboard_EndpointsOfKestrelsOwn_Throws()
    {
        var builder = WebApplication.CreateBuilder(["--Kestrel:Endpoints:Open:Url=http://0.0.0.0:9000"]);
        var refused = Assert.Throws<OptionsValidationException>(() => builder.AddSweepDashboard(new SweepDashboardOptions()));
        Assert.Contains("Kestrel:Endpoints:Open: found an address to listen at, expected none", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://issuer.example", "id", "Oidc:Authority")]
    [InlineData("issuer", "id", "Oidc:Authority")]
    [InlineData("https://issuer.example", null, "Oidc:ClientId")]
    public void Problems_OfTheIssuer_AreNamed(string authority, string? clientId, string expected)
    {
        var options = new SweepDashboardOptions { Login = SweepDashboardOptions.OidcLogin };
        (options.Oidc.Authority, options.Oidc.ClientId) = (authority, clientId);
        Assert.Contains(expected, Assert.Single(options.Problems()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy")]
    [InlineData("10.0.0.0/40")]
    public void Problems_ProxyThatIsNone_IsNamed(string proxy) =>
        Assert.Contains($"found '{proxy}'", Assert.Single(new SweepDashboardOptions { Proxies = [proxy] }.Problems()), StringComparison.Ordinal);
}
