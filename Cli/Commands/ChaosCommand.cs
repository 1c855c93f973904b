using System.CommandLine;
using System.Text.Json;
using Sweep.Cli.Chaos;
using Sweep.Contracts.Json;
using Sweep.Hosting.Clustering.Local;
using Sweep.Hosting.Messaging.Local;
using Sweep.Persistence.Postgres.Local;

namespace Sweep.Cli.Commands;

/// <summary>`sweep chaos`: a cluster on this machine, silos killed while it works, and the results held against an undisturbed run's.</summary>
internal static class ChaosCommand
{
    private const string Silo = "Sweep.Silo.dll";

    public static Command Create()
    {
        var silos = Number("--silos", "Silo processes.", 4, 1, 16);
        var kills = Number("--kills", "Silos to kill while they hold work; fewer are a failure.", 3, 0, 100);
        var every = Number("--every", "Seconds between two kills.", 5, 1, 3600);
        var timeout = Number("--timeout", "Seconds from the submission to the sweep's end.", 1800, 1, 86_400);
        var seed = Number("--seed", "Which silos are killed.", 1, 0, int.MaxValue);
        var file = new Option<string?>("--plan") { Description = "A plan, YAML or JSON. Default: the demonstration.", HelpName = "file" };
        var items = CommonOptions.Items();
        var json = CommonOptions.Json();
        var command = new Command("chaos", "A game day: a cluster on this machine whose silos are killed while it works; its results must equal an undisturbed run's.")
        {
            silos, kills, file, items, every, seed, timeout, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(file) ?? ShippedPlans.Find(ShippedPlans.Demo);
            var (plan, text) = CommonOptions.ReadPlan(path, parsed.GetValue(items));
            var program = FindSilo();
            var folder = Directory.CreateTempSubdirectory("sweep-chaos-").FullName;
            var settings = new GameDaySettings
            {
                Silos = parsed.GetValue(silos),
                Kills = parsed.GetValue(kills),
                Every = TimeSpan.FromSeconds(parsed.GetValue(every)),
                Seed = parsed.GetValue(seed),
                Plan = plan,
                PlanText = parsed.GetValue(items) is null ? text : JsonSerializer.Serialize(plan, SweepJson.Indented),
                Roots = PlanRoots.Of(path, plan),
                SiloProgram = program,
                Patience = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Folder = folder,
            };
            var passed = await RunAsync(settings, parsed.GetValue(json), cancellationToken);
            if (passed)
                Directory.Delete(folder, recursive: true);
            else
                await Console.Error.WriteLineAsync($"sweep: logs of the silos and both exports are in {folder}");
            return passed ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<bool> RunAsync(GameDaySettings settings, bool json, CancellationToken cancellationToken)
    {
        try
        {
            var result = await new GameDay(settings, Console.Error.WriteLine).RunAsync(cancellationToken);
            if (json)
                Console.WriteLine(GameDayView.Json(settings, result));
            else
                GameDayView.Print(settings, result);
            var failures = result.Failures(settings.Kills).ToArray();
            foreach (var failure in failures)
                await Console.Error.WriteLineAsync($"sweep: {failure}");
            return failures.Length == 0;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // A terminal interrupts the servers and the silos too: whatever failed because of it is no news.
            Directory.Delete(settings.Folder, recursive: true);
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception exception) when (exception is LocalPostgresException or LocalRabbitMqException or WrongInputException)
        {
            Directory.Delete(settings.Folder, recursive: true);
            throw new WrongInputException(exception.Message);
        }
        catch (LocalSiloException exception)
        {
            await Console.Error.WriteLineAsync($"sweep: {exception.Message}");
            return false;
        }
    }

    /// <summary>Beside this program, or where the repository builds it beside this one.</summary>
    private static string FindSilo()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        string[] places = [Path.Combine(output.FullName, Silo), Path.GetFullPath(Path.Combine(output.FullName, "..", "..", "..", "..", "Silo", "bin", output.Parent!.Name, output.Name, Silo))];
        return places.FirstOrDefault(File.Exists) ?? throw new WrongInputException($"{places[^1]}: found no silo, expected a built one (dotnet build Silo -c {output.Parent!.Name})");
    }

    private static Option<int> Number(string name, string description, int number, int least, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => number,
        CustomParser = result => OptionValues.WholeNumber(result, least, most),
    };
}
