using System.CommandLine;
using Spectre.Console;
using Sweep.Cli;
using Sweep.Cli.Commands;

// A file or a pipe has no width: tables are laid out for a wide terminal there.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 180;

var root = new RootCommand("Sweep: does steering a state-space model help? Exit codes: 0 done, 1 the sweep or check failed, 2 wrong input or a store in use, 130 interrupted.")
{
    DemoCommand.Create(),
    RunCommand.Create(),
    PlanCommand.Create(),
    ListCommand.Create(),
    ShowCommand.Create(),
    CancelCommand.Create(),
    ExportCommand.Create(),
    ReplayCommand.Create(),
    CheckModelCommand.Create(),
    ScoreCommand.Create(),
    PlantCommand.Create(),
    AuditCommand.Create(),
    RemoveCommand.Create(),
    CollectCommand.Create(),
    MigrateCommand.Create(),
    WorkersCommand.Create(),
    DrainCommand.Create(),
};
return await Invocation.RunAsync(root, args);
