using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Hosting.Messaging;
using Sweep.Hosting.Operations;
using Sweep.Hosting.Stores;
using Sweep.Hosting.Telemetry;
using Sweep.Persistence;
using Sweep.Persistence.Postgres;

// A silo. Settings: appsettings.json, then variables (Sweep__Silo__Roles=worker), then the command line (--Sweep:Silo:Roles=worker).
// Exit codes: 0 after SIGTERM, 1 an error of Sweep itself, 2 settings or a store that cannot work.
try
{
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var options = SweepSiloOptions.Read(builder.Configuration).WithFreePorts();
    builder.AddSweepTelemetry(options);
    await builder.AddSweepStoreAsync(options);
    builder.AddSweepWorkerExecution(options);
    builder.AddSweepSilo(options);
    builder.AddSweepMessaging(options);
    builder.AddSweepOperations(options);

    await using var app = builder.Build();
    app.MapSweepOperations(options);
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
        Console.Error.WriteLine($"sweep-silo: {problem}");
    return exitCode;
}
