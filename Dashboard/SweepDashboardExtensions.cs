using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Api;
using Sweep.Dashboard.Components;
using Sweep.Dashboard.Downloads;

namespace Sweep.Dashboard;

/// <summary>The dashboard in an application of one's own, which has an ISweepStore and an IGrainFactory among its services.</summary>
public static class SweepDashboardExtensions
{
    /// <summary>Adds pages, the API, who may use them, and their services; the port is that of the options.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work: nothing listens beyond loopback without a login.</exception>
    public static WebApplicationBuilder AddSweepDashboard(this WebApplicationBuilder builder, SweepDashboardOptions options)
    {
        string[] problems = [.. options.Problems(), .. OtherListeners(builder.Configuration)];
        if (problems.Length > 0)
            throw new OptionsValidationException(SweepDashboardOptions.Section, typeof(SweepDashboardOptions), problems);
        // The address is ours to choose: what containers set for web applications would listen on every one.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "").UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.HttpsPortsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = PlanBody.MostBytes;
            kestrel.Listen(IPAddress.Parse(options.Address), options.Port);
        });
        // Outside Development a run from the build's folder would serve files of 0 bytes without it.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddSweepPages();
        builder.Services.AddAccess(options);
        builder.Services.AddApi();
        return builder;
    }

    public static WebApplication MapSweepDashboard(this WebApplication app)
    {
        app.UseAccess();
        app.MapStaticAssets().AllowAnonymous();
        HealthEndpoints.Map(app);
        LoginEndpoints.Map(app);
        app.MapApi();
        app.MapFigures();
        // Our own policy says who may show it in a frame: nobody.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null).RequireAuthorization(AccessPolicies.Viewer);
        return app;
    }

    /// <summary>Kestrel's own section would open ports that nobody has asked about.</summary>
    private static IEnumerable<string> OtherListeners(IConfiguration configuration) => configuration.GetSection("Kestrel:Endpoints").GetChildren()
        .Select(endpoint => $"{endpoint.Path}: found an address to listen at, expected none; {SweepDashboardOptions.Section}:{nameof(SweepDashboardOptions.Address)} and {nameof(SweepDashboardOptions.Port)} say where the dashboard listens");
}
