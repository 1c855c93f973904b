using System.CommandLine;
using System.CommandLine.Help;
using Sweep.Cli.Commands;

namespace Sweep.Cli;

/// <summary>The whole command line.</summary>
internal static class CommandLine
{
    private const string Description = """
        Sweep: does steering a state-space model help?

          Exit codes: 0 done; 1 the sweep, or a part of it, or a check failed; 2 wrong input, or a store in use; 130 interrupted.
        """;

    public static RootCommand Create()
    {
        var root = new RootCommand(Description)
        {
            DemoCommand.Create(),
            RunCommand.Create(),
            UpCommand.Create(),
            SubmitCommand.Create(),
            WatchCommand.Create(),
            StateCommands.CreatePause(),
            StateCommands.CreateResume(),
            PlanCommand.Create(),
            ListCommand.Create(),
            ShowCommand.Create(),
            ReportCommand.Create(),
            CancelCommand.Create(),
            ExportCommand.Create(),
            ReplayCommand.Create(),
            CompareCommand.Create(),
            CheckModelCommand.Create(),
            ScoreCommand.Create(),
            DataCommand.Create(),
            PlantCommand.Create(),
            ModelsCommand.Create(),
            IdentifyCommand.Create(),
            AblateCommand.Create(),
            PatchCommand.Create(),
            AuditCommand.Create(),
            RemoveCommand.Create(),
            CollectCommand.Create(),
            MigrateCommand.Create(),
            UserCommand.Create(),
            TokenCommand.Create(),
            WorkersCommand.Create(),
            DevicesCommand.Create(),
            BenchCommand.Create(),
            DrainCommand.Create(),
            ChaosCommand.Create(),
        };
        root.HelpName = "sweep";
        root.SetAction(parsed =>
        {
            new HelpAction().Invoke(parsed);
            return ExitCode.WrongInput;
        });
        return root;
    }
}
