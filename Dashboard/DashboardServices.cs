using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor.Services;
using Sweep.Contracts.Execution;
using Sweep.Dashboard.Actions;
using Sweep.Dashboard.Api;
using Sweep.Dashboard.Downloads.Views;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Reading;
using Sweep.Dashboard.Reading.Remote;

namespace Sweep.Dashboard;

/// <summary>What pages need.</summary>
internal static class DashboardServices
{
    /// <summary>A plan that somebody pastes into a form comes in one message.</summary>
    private const int LongestMessage = PlanBody.MostBytes + 4096;

    public static IServiceCollection AddSweepPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.MaximumReceiveMessageSize = LongestMessage);
        services.AddMudServices();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(LiveScope.Everything);
        services.AddSingleton<SweepFeeds>();
        services.AddSingleton<SweepCosts>();
        services.AddSingleton<SweepSnapshots>();
        services.AddSingleton<CellReader>();
        // Where the host can read the plans' files itself it says so before.
        services.TryAddSingleton<IPlanEstimator, RemotePlanEstimator>();
        services.TryAddSingleton<IItemTexts, RemoteItemTexts>();
        services.AddSingleton<IViewData, SweepsData>();
        services.AddSingleton<IViewData, CompareData>();
        services.AddSingleton<IViewData, WorkersData>();
        services.AddSingleton<IViewData, QueueData>();
        services.AddSingleton<IViewData, SetAsideData>();
        services.AddSingleton<IViewData, RefusedData>();
        services.AddSingleton<IViewData, JournalData>();
        services.AddSingleton<IViewData, CellsData>();
        services.AddSingleton<IViewData, LeaderboardData>();
        services.AddSingleton<IViewData, CellData>();
        services.AddSingleton<IViewData, ItemsData>();
        services.AddSingleton<IViewData, ScoresData>();
        services.AddSingleton<Pages.Submit.PlanTemplates>();
        services.AddScoped<SweepActions>();
        services.AddScoped<Layout.Viewer>();
        services.AddScoped<Layout.PageAddress>();
        return services;
    }
}
