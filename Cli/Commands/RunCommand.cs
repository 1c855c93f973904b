using System.CommandLine;
using Sweep.Cli.Running;

namespace Sweep.Cli.Commands;

/// <summary>Runs a plan, or takes its sweep up where it stopped.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var plan = CliOptions.Plan();
        var settings = new RunSettings();
        var command = new Command("run", "Run a plan to its end; a plan that ran before continues, and results that exist are reused.") { plan };
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(plan);
            return settings.RunAsync(parsed, path, $"run {ShellWord.Quote(path)}", cancellationToken);
        });
        return command;
    }
}
