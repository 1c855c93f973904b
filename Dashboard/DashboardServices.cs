using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor.Services;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Reading;

namespace Sweep.Dashboard;

/// <summary>What pages need.</summary>
internal static class DashboardServices
{
    public static IServerSideBlazorBuilder AddSweepPages(this IServiceCollection services)
    {
        services.AddMudServices();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(LiveScope.Everything);
        services.AddSingleton<SweepFeeds>();
        services.AddSingleton<SweepSnapshots>();
        services.AddSingleton<CellReader>();
        services.AddSingleton<Pages.Submit.PlanTemplates>();
        services.AddScoped<Layout.Viewer>();
        return services.AddRazorComponents().AddInteractiveServerComponents();
    }
}
