using System.CommandLine;

namespace Sweep.Cli.Commands;

/// <summary>`sweep demo`: the shipped plan on the shipped models and benchmarks.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var command = new Command("demo", "Run the shipped demonstration: two small models, seven benchmarks, a planted bottleneck and its controls.");
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunCommand.ExecuteAsync(ShippedPlans.Find(ShippedPlans.Demo), settings, parsed, "demo", cancellationToken));
        return command;
    }
}
