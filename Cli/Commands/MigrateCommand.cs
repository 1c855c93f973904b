using System.CommandLine;
using Sweep.Cli.Output;
using Sweep.Persistence;
using Sweep.Persistence.Sqlite;

namespace Sweep.Cli.Commands;

/// <summary>Brings a store's schema up to date.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var store = CliOptions.Store();
        var json = CliOptions.Json();
        var command = new Command("migrate", "Bring a store's schema up to date, making the store where there is none.") { store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(store));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var held = StoreLock.Take(path);
            var applied = await SqliteSweepStore.MigrateAsync(path, cancellationToken);
            if (parsed.GetValue(json))
                JsonOutput.Write(new { Store = path, Applied = applied });
            else
                Console.Out.WriteLine(applied == 0 ? $"{path} is up to date" : $"{path}: {applied} migrations applied");
            return ExitCodes.Ok;
        });
        return command;
    }
}
