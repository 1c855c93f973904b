using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Comparing;
using Sweep.Cli.Output;
using Sweep.Cli.Replaying;
using Sweep.Cli.Stores;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Json;
using Sweep.Contracts.Store;
using Sweep.Execution.Running;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep compare SWEEP --with STORE`: one plan's results of two engines or precisions.</summary>
internal static class CompareCommand
{
    private const double MostFlipsOfFp32 = 0.005;

    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var store = CommonOptions.Store();
        var with = new Option<StoreChoice>("--with")
        {
            Description = "The store of the other results, of the same plan on another device or in another precision.",
            HelpName = "file|postgres",
            Required = true,
            CustomParser = result => new StoreChoice(OptionValues.FileName(result)),
        };
        var other = new Option<string?>("--sweep") { Description = "The other sweep's id, or its beginning. Default: the same id, else the one submitted last.", HelpName = "id" };
        var most = new Option<double>("--most-flips")
        {
            Description = "Share of generations that may differ.",
            HelpName = "share",
            DefaultValueFactory = _ => MostFlipsOfFp32,
            CustomParser = OptionValues.Number,
        };
        var margins = new Option<int>("--margins")
        {
            Description = "Flips whose margin is looked for, by generating again on the processor; 0: none.",
            HelpName = "N",
            DefaultValueFactory = _ => 200,
            CustomParser = result => OptionValues.WholeNumber(result, 0, 1_000_000),
        };
        var json = CommonOptions.Json();
        var command = new Command("compare", "Compare a sweep's results with those of the same plan on another device: flips with their margins, effects; kept in the other's store.")
        {
            sweep, latest, store, with, other, most, margins, json,
        };
        var roots = new FileRoots(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var share = parsed.GetValue(most);
            if (share is < 0 or > 1)
                throw new WrongInputException($"--most-flips: found {share}, expected 0 to 1");
            var folders = roots.Of(parsed);
            var (first, second) = (await parsed.GetValue(store)!.OpenAsync(cancellationToken), await parsed.GetValue(with)!.OpenAsync(cancellationToken));
            var found = await CommonOptions.FindSweepAsync(first, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            var id = parsed.GetValue(other) ?? (await second.FindSweepAsync(found.Id, cancellationToken))?.Id;
            var matching = await CommonOptions.FindSweepAsync(second, id, id is null, cancellationToken);
            var (reference, answer) = (await SweepSide.OpenAsync(first, found, cancellationToken), await SweepSide.OpenAsync(second, matching, cancellationToken));
            var comparer = new SweepComparer(reference, answer);
            var comparison = await comparer.RunAsync(share, cancellationToken);
            comparison = comparison with { Flipped = await MarginsAsync(first, folders, comparer, parsed.GetValue(margins), cancellationToken) };
            var text = JsonSerializer.Serialize(comparison, SweepJson.Indented);
            await second.SaveArtifactAsync($"comparison/{matching.Id}/{found.Id}/{reference.Facts.Numerics}", JsonSerializer.SerializeToUtf8Bytes(comparison, SweepJson.Options), cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(text);
            else
                ComparisonView.Print(comparison);
            return comparison.Agrees ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>The first flips with their margins, where the reference is the processor's; the others as they are.</summary>
    private static async Task<IReadOnlyList<ComparedFlip>> MarginsAsync(ISweepStore store, string[] roots, SweepComparer comparer, int most, CancellationToken cancellationToken)
    {
        var flips = comparer.Flips.Select(flip => flip.Flip).ToArray();
        if (flips.Length == 0 || most == 0)
            return flips;
        await using var services = EmbeddedSweep.CreateServices(store, new EmbeddedOptions { Roots = roots });
        // Keeps the device and the model on it.
        await using var runner = services.GetRequiredService<IJobRunnerFactory>().Create("cpu:0");
        var margins = services.GetRequiredService<IGenerationMargins>();
        foreach (var (index, (flip, job, recorded, found)) in comparer.Flips.Index().OrderBy(pair => pair.Item.Job.Identity.WeightsHash, StringComparer.Ordinal).Take(most))
        {
            try
            {
                if (await margins.FindAsync(job, flip.Item, recorded, found, cancellationToken) is { } margin)
                    flips[index] = flip with { Step = margin.Step, Margin = margin.Nats };
            }
            catch (JobFaultedException exception)
            {
                await Console.Error.WriteLineAsync($"sweep: no margins: job {job.Id}: {exception.Message}");
                return flips;
            }
        }

        return flips;
    }
}
