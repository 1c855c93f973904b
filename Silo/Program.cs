using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Store;
using Sweep.Hosting;

// A silo that is a cluster by itself: settings from appsettings.json, variables (Sweep__Worker__Devices__0=cpu:0) and --Sweep:Worker:Devices:0=cpu:0.
try
{
    var builder = Host.CreateApplicationBuilder(args);
    builder.AddSweepSilo();

    Type[] needed = [typeof(ISweepStore), typeof(IJobRunnerFactory), typeof(IPlanResolver), typeof(ISweepSummarizer)];
    var missing = needed.Where(type => builder.Services.All(service => service.ServiceType != type)).Select(type => type.Name).ToList();
    if (missing.Count > 0)
    {
        Console.Error.WriteLine($"sweep-silo: nothing provides {string.Join(", ", missing)}; register the store and the execution before the silo starts");
        return 2;
    }

    using var host = builder.Build();
    await host.RunAsync();
    return 0;
}
catch (OptionsValidationException exception)
{
    foreach (var failure in exception.Failures)
        Console.Error.WriteLine($"sweep-silo: {failure}");
    return 2;
}
