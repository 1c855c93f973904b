using System.CommandLine;
using Sweep.Persistence;
using Sweep.Persistence.Sqlite;

namespace Sweep.Cli.Commands;

/// <summary>`sweep migrate`: brings a store's schema up to date.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var store = CommonOptions.Store();
        var command = new Command("migrate", "Bring a store's schema up to date.") { store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = StoreFile.Prepare(parsed.GetValue(store)!);
            using var owned = StoreLock.Take(path);
            var applied = await SqliteSweepStore.MigrateAsync(path, cancellationToken);
            Console.WriteLine(applied == 0 ? $"{path}: up to date" : $"{path}: {applied} migration{(applied == 1 ? "" : "s")} applied");
            return ExitCode.Done;
        });
        return command;
    }
}
