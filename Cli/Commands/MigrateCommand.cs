using System.CommandLine;

namespace Sweep.Cli.Commands;

/// <summary>`sweep migrate`: brings a store's schema up to date; a PostgreSQL database gets the tables of Orleans too.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var store = CommonOptions.Store();
        var command = new Command("migrate", "Bring a store's schema up to date; may be run again, and by several at once.") { store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var choice = parsed.GetValue(store)!;
            var applied = await choice.MigrateAsync(cancellationToken);
            Console.WriteLine(applied == 0 ? $"{choice.Place}: up to date" : $"{choice.Place}: {applied} migration{(applied == 1 ? "" : "s")} applied");
            return ExitCode.Done;
        });
        return command;
    }
}
