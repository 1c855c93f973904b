using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Dashboard.Components;
using Sweep.Dashboard.Downloads;

namespace Sweep.Dashboard;

/// <summary>The dashboard in an application of one's own, which has an ISweepStore and an IGrainFactory among its services.</summary>
public static class SweepDashboardExtensions
{
    /// <summary>Adds pages and their services; the port is that of the options.</summary>
    public static WebApplicationBuilder AddSweepDashboard(this WebApplicationBuilder builder, SweepDashboardOptions options)
    {
        // The address is ours to choose: what containers set for web applications would listen on every one.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "").UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.HttpsPortsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Parse(options.Address), options.Port);
        });
        // Outside Development a run from the build's folder would serve files of 0 bytes without it.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddSingleton(options);
        builder.Services.AddSweepPages();
        return builder;
    }

    public static WebApplication MapSweepDashboard(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapSweepDownloads();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }
}
