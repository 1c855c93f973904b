using System.CommandLine;
using Sweep.Cli.Running;

namespace Sweep.Cli.Commands;

/// <summary>Runs plans/demo.yaml.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var command = new Command("demo", "Run the shipped plan: two small models, six benchmarks and a text, with a planted bottleneck to find.");
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) => settings.RunAsync(parsed, ShippedFiles.DemoPlan, "demo", cancellationToken));
        return command;
    }
}
