using Microsoft.Extensions.Configuration;
using Sweep.Dashboard;

namespace Sweep.Deployment.Tests.Settings;

/// <summary>Reads variables as the dashboard does, and says what it would say before it ends with exit code 2.</summary>
internal static class DashboardSettings
{
    public static IEnumerable<string> Problems(IEnumerable<Setting> settings)
    {
        var known = settings.ToList();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(known.Where(setting => SettingNames.IsOurs(setting.Name)).Select(setting => KeyValuePair.Create(setting.Name.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
            .Build();
        var options = configuration.GetSection(SweepDashboardOptions.Section).Get<SweepDashboardOptions>() ?? new SweepDashboardOptions();
        return SiloSettings.Problems(known).Concat(options.Problems());
    }
}
