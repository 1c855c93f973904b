using System.CommandLine;
using Sweep.Cli;
using Sweep.Cli.Commands;

var root = new RootCommand(
    """
    Sweep measures what steering does to state-space language models: models x benchmarks x bottlenecks x scalars, with controls.

    Exit codes: 0 done; 1 the sweep faulted or was canceled, or a check found a difference; 2 wrong input, or the store is in use;
    130 interrupted (the same command continues).
    """)
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
    MigrateCommand.Create(),
    PlantCommand.Create(),
};
return await CommandHost.RunAsync(root, args);
