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
        command.SetAction((parsed, cancellationToken) => RunCommand.ExecuteAsync(FindPlan(), settings, parsed, "demo", cancellationToken));
        return command;
    }

    /// <summary>$SWEEP_HOME/plans/demo.yaml, else the nearest above the program.</summary>
    private static string FindPlan()
    {
        var start = Environment.GetEnvironmentVariable("SWEEP_HOME") ?? AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var plan = Path.Combine(folder.FullName, "plans", "demo.yaml");
            if (File.Exists(plan))
                return plan;
        }

        throw new WrongInputException($"demo: found no plans/demo.yaml in or above {start}, expected the repository (set SWEEP_HOME)");
    }
}
