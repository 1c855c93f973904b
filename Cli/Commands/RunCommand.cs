using System.CommandLine;
using System.Globalization;
using Sweep.Cli.Hub;
using Sweep.Cli.Output;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;
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
        var (device, workers) = (parsed.GetValue(settings.Device)!, parsed.GetValue(settings.Workers));
        DeviceName.RequireFor(device, workers);
        var (plan, text) = CommonOptions.ReadPlan(planPath, parsed.GetValue(settings.Items));
        var options = new EmbeddedOptions
        {
            StorePath = parsed.GetValue(settings.Store)!.FilePath("run"),
            Workers = workers,
            Device = device,
            Roots = CommonOptions.RootsOf(planPath),
            Verbose = parsed.GetValue(settings.Verbose),
        };
        var id = SweepIds.Of(plan);
        SweepState? final;
        ISweepStore store;
        await using (var embedded = await EmbeddedSweep.StartAsync(options, CancellationToken.None))
        await using (var dashboard = await settings.Dashboard.StartAsync(parsed, embedded, LiveScope.Only(WithStages(plan))))
        {
            store = embedded.Store;
            await OtherNumerics.RefuseAsync(plan, store, options, cancellationToken);
            await ChangedFiles.RefuseAsync(plan, id, store, options, cancellationToken);
            await HubModels.FetchAsync(plan, store, options.Hub, cancellationToken);
            var before = await embedded.SubmitAsync(plan, text, CancellationToken.None);
            if (before.State == SweepState.Completed)
                await Console.Error.WriteLineAsync($"{id}: completed before, on {before.FinishedAt?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}; nothing is left to run");
            final = before.State == SweepState.Completed ? SweepState.Completed : await new ProgressReporter(embedded, id, Console.Error, options.Verbose).FollowAsync(cancellationToken);
            if (final is null)
                await Console.Error.WriteLineAsync("sweep: stopping after the running micro-batch ...");
            if (final is not null && dashboard is not null)
            {
                var exitCode = await AnswerAsync(store, id, parsed.GetValue(settings.Json));
                await dashboard.StayAsync(cancellationToken);
                return exitCode;
            }
        }

        if (final is null)
        {
            var rows = (await store.ReadCostAsync(id, CancellationToken.None)).Rows;
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"sweep: stopped, {rows:N0} item rows are recorded; continue with: {settings.Again(parsed, again)}"));
            return ExitCode.Interrupted;
        }

        return await AnswerAsync(store, id, parsed.GetValue(settings.Json));
    }

    /// <summary>The ids of the sweep and of the stages that it waits for.</summary>
    private static IEnumerable<string> WithStages(SweepPlan plan)
    {
        for (var one = plan; one is not null; one = SearchStages.Before(one))
            yield return SweepIds.Of(one);
    }

    private static async Task<int> AnswerAsync(ISweepStore store, string id, bool json)
    {
        var sweep = (await store.FindSweepAsync(id, CancellationToken.None))!;
        return sweep.State == SweepState.Faulted
            ? await RefuseAsync(store, sweep)
            : await ShowCommand.PrintAsync(store, sweep, json, CancellationToken.None);
    }

    /// <summary>Those of its stages, too.</summary>
    private static async Task<int> AttemptsAsync(ISweepStore store, SweepPlan plan) =>
        (await store.ReadCostAsync(SweepIds.Of(plan), CancellationToken.None)).Attempts + (SearchStages.Before(plan) is { } stage ? await AttemptsAsync(store, stage) : 0);

    private static async Task<int> RefuseAsync(ISweepStore store, SweepRecord sweep)
    {
        foreach (var line in (sweep.Reason ?? "the sweep faulted").Split('\n'))
            await Console.Error.WriteLineAsync($"sweep: {line}");

        // Where nothing was tried, the plan was refused by what it names or asks for.
        var refused = !SweepReasons.IsOwn(sweep.Reason) && await AttemptsAsync(store, sweep.Plan) == 0;
        return refused ? ExitCode.WrongInput : ExitCode.Failed;
    }
}
