using Microsoft.Extensions.Options;
using Sweep.Contracts.Store;
using Sweep.Dashboard;
using Sweep.Hosting;
using Sweep.Hosting.Stores;
using Sweep.Persistence;
using Sweep.Persistence.Postgres;

// The dashboard of a cluster. Settings: appsettings.json, then variables (Sweep__Dashboard__Port=8080), then the command line (--Sweep:Dashboard:Port=8080).
// Exit codes: 0 after SIGTERM, 1 an error of Sweep itself, 2 settings or a store that cannot work.
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var options = builder.Configuration.GetSection(SweepDashboardOptions.Section).Get<SweepDashboardOptions>() ?? new SweepDashboardOptions();
    string[] problems = [.. options.Problems()];
    if (problems.Length > 0)
        return Refuse(2, problems);
    await builder.AddSweepStoreAsync(SweepSiloOptions.Read(builder.Configuration));
    builder.AddSweepClient();
    builder.AddSweepDashboard(options);

    await using var app = builder.Build();
    app.MapSweepDashboard();
    await app.RunAsync();
    return 0;
}
catch (OptionsValidationException exception)
{
    return Refuse(2, [.. exception.Failures]);
}
catch (Exception exception) when (exception is StoreSettingsException or IncompatibleStoreException or StoreUnavailableException or StoreInUseException)
{
    return Refuse(2, exception.Message);
}
catch (Exception exception)
{
    // The log has it whole.
    return Refuse(1, exception.Message);
}

static int Refuse(int exitCode, params string[] problems)
{
    foreach (var problem in problems)
        Console.Error.WriteLine($"sweep-dashboard: {problem}");
    return exitCode;
}
