using System.CommandLine;
using Sweep.Cli.Output;
using Sweep.Cli.Stores;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep run PLAN`: the whole sweep in this process.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var plan = new Argument<string>("plan") { Description = "A plan, YAML or JSON." };
        var settings = new RunSettings();
        var command = new Command("run", "Run a plan here, or continue it where it stopped.") { plan };
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ExecuteAsync(parsed.GetValue(plan)!, settings, parsed, $"run {ShellWord.Quote(parsed.GetValue(plan)!)}", cancellationToken));
        return command;
    }

    /// <param name="planPath">The plan's file.</param>
    /// <param name="settings">The options' objects.</param>
    /// <param name="parsed">Their values.</param>
    /// <param name="again">The command and its argument, without options.</param>
    /// <param name="cancellationToken">Ctrl-C and SIGTERM.</param>
    public static async Task<int> ExecuteAsync(string planPath, RunSettings settings, ParseResult parsed, string again, CancellationToken cancellationToken)
    {
        var workers = parsed.GetValue(settings.Workers);
        if (workers is < 1 or > 64)
            throw new WrongInputException($"--workers: found {workers}, expected 1 to 64");
        if (parsed.GetValue(settings.Device) != "cpu")
            throw new WrongInputException($"--device: found '{parsed.GetValue(settings.Device)}', expected cpu");
        var items = parsed.GetValue(settings.Items);
        var (plan, text) = CommonOptions.ReadPlan(planPath, items);
        var options = new EmbeddedOptions
        {
            StorePath = parsed.GetValue(settings.Store)!.FilePath("run"),
            Workers = workers,
            Roots = CommonOptions.RootsOf(planPath),
            Verbose = parsed.GetValue(settings.Verbose),
        };
        var id = SweepIds.Of(plan);
        var continueWith = settings.Again(parsed, again);
        ISweepStore store;
        await using (var embedded = await EmbeddedSweep.StartAsync(options, CancellationToken.None))
        {
            store = embedded.Store;
            var before = await embedded.SubmitAsync(plan, text, CancellationToken.None);
            var progress = new ProgressReporter(embedded, id, Console.Error);
            var final = before.State == SweepState.Completed ? SweepState.Completed : await progress.FollowAsync(cancellationToken);
            if (final is null)
            {
                await Console.Error.WriteLineAsync($"sweep: stopping after the running micro-batch; continue with: {continueWith}");
                return ExitCode.Interrupted;
            }
        }

        var sweep = (await store.FindSweepAsync(id, CancellationToken.None))!;
        if (sweep.State == SweepState.Faulted)
        {
            foreach (var line in (sweep.Reason ?? "the sweep faulted").Split('\n'))
                await Console.Error.WriteLineAsync($"sweep: {line}");

            // Nothing ran: the plan was refused by what it names.
            return await store.LoadResolutionAsync(id, CancellationToken.None) is null ? ExitCode.WrongInput : ExitCode.Failed;
        }

        return await ShowCommand.PrintAsync(store, sweep, parsed.GetValue(settings.Json), CancellationToken.None);
    }
}

/// <summary>Options of commands that run sweeps.</summary>
internal sealed class RunSettings
{
    public Option<int?> Items { get; } = CommonOptions.Items();

    public Option<int> Workers { get; } = CommonOptions.Workers();

    public Option<string> Device { get; } = CommonOptions.Device();

    public Option<StoreChoice> Store { get; } = CommonOptions.Store();

    public Option<bool> Json { get; } = CommonOptions.Json();

    public Option<bool> Verbose { get; } = CommonOptions.Verbose();

    private Option[] All => [Items, Workers, Device, Store, Json, Verbose];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    /// <summary>The same command line again: $SWEEP_COMMAND (else "sweep"), the command and the options that were given.</summary>
    public string Again(ParseResult parsed, string command)
    {
        var given = All.Select(option => (option.Name, Result: parsed.GetResult(option))).Where(option => option.Result is { Implicit: false });
        var words = given.Select(option => string.Concat(option.Name, option.Result!.Tokens.Count > 0 ? " " + ShellWord.Quote(option.Result.Tokens[^1].Value) : ""));
        return string.Join(' ', [Environment.GetEnvironmentVariable("SWEEP_COMMAND") ?? "sweep", command, .. words]);
    }
}
