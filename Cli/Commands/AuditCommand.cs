using System.CommandLine;
using Sweep.Cli.Output;
using Sweep.Cli.Replaying;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Store;
using Sweep.Persistence.Audits;

namespace Sweep.Cli.Commands;

/// <summary>`sweep audit SWEEP`: is every row there exactly once, and does a sample of them come out the same again?</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var sample = new Option<int>("--sample") { Description = "Recorded rows to run again and compare bit for bit; 0: none.", DefaultValueFactory = _ => 20 };
        var seed = new Option<int>("--seed") { Description = "Which rows those are.", DefaultValueFactory = _ => 1 };
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("audit", "Prove that a sweep's results are exactly those of its plan; exit code 1 where they are not.") { sweep, latest, sample, seed, store, json };
        var roots = new FileRoots(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var size = parsed.GetValue(sample);
            if (size is < 0 or > 10_000)
                throw new WrongInputException($"--sample: found {size}, expected 0 to 10000");
            var folders = roots.Of(parsed);
            var results = await parsed.GetValue(store)!.OpenAsync(cancellationToken);
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            if (await results.LoadResolutionAsync(found.Id, cancellationToken) is null)
                throw new WrongInputException($"{found.Id}: found no results ({found.State}), expected a sweep that has begun to run");
            var (audit, drawn) = await SweepAuditor.AuditAsync(results, found.Id, size, parsed.GetValue(seed), cancellationToken);
            var replayed = await ReplayAsync(results, folders, parsed.GetValue(seed), drawn, cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(AuditView.Json(audit, replayed));
            else
                AuditView.Print(audit, replayed);
            return audit.Clean && replayed.Clean ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>Runs the drawn rows again and compares them.</summary>
    internal static async Task<ReplayedSample> ReplayAsync(ISweepStore store, string[] roots, int seed, AuditSample sample, CancellationToken cancellationToken)
    {
        var (different, flipped, notRun) = (new List<string>(), new List<string>(), new List<string>());
        var (equal, near) = (0, 0);
        double? moved = null;
        if (sample.Rows.Count > 0)
        {
            await using var replay = new JobReplay(store, roots);
            // Jobs of one model together: it is loaded once.
            foreach (var rows in sample.Rows.GroupBy(pair => pair.Job.Id).OrderBy(group => group.First().Job.Identity.WeightsHash, StringComparer.Ordinal).ThenBy(group => group.Key))
            {
                var (job, recorded) = (rows.First().Job, rows.Select(pair => pair.Row).ToDictionary(row => row.ItemId, StringComparer.Ordinal));
                try
                {
                    foreach (var row in await replay.RunAsync(job, [.. recorded.Keys], cancellationToken))
                    {
                        var comparison = RowComparison.Of(job.Identity, recorded[row.ItemId], row);
                        var line = $"job {job.Id} item {row.ItemId}: {string.Join(", ", comparison.Columns)}";
                        switch (comparison.Match)
                        {
                            case RowMatch.Same:
                                equal++;
                                break;
                            case RowMatch.Near:
                                near++;
                                break;
                            case RowMatch.Flipped:
                                flipped.Add(line);
                                break;
                            default:
                                different.Add(line);
                                break;
                        }

                        if (comparison is { Match: RowMatch.Near or RowMatch.Flipped, LogLikelihoodDifference: { } nats })
                            moved = Math.Max(moved ?? 0, nats);
                    }
                }
                catch (JobFaultedException exception)
                {
                    notRun.Add($"job {job.Id}, {recorded.Count} items: {exception.Message}");
                }
            }
        }

        return new ReplayedSample { Seed = seed, Rows = sample.Rows.Count, Equal = equal, Near = near, Flipped = flipped, LargestMove = moved, Different = different, NotRun = notRun };
    }
}

/// <summary>What became of the rows that were run again.</summary>
internal sealed record ReplayedSample
{
    public required int Seed { get; init; }

    public required int Rows { get; init; }

    /// <summary>Bit for bit.</summary>
    public required int Equal { get; init; }

    /// <summary>Of devices whose packing matters: the same outcome, numbers within the tolerance.</summary>
    public required int Near { get; init; }

    /// <summary>Of the same devices: another outcome, as packing may make it; job, item and the columns that differ.</summary>
    public required IReadOnlyList<string> Flipped { get; init; }

    /// <summary>By how much their log-likelihoods differ at most, nats; null where none has one.</summary>
    public double? LargestMove { get; init; }

    /// <summary>Job, item and the columns that differ.</summary>
    public required IReadOnlyList<string> Different { get; init; }

    /// <summary>Jobs that cannot be run here, and why.</summary>
    public required IReadOnlyList<string> NotRun { get; init; }

    /// <summary>Every row of the sample came out the same, as far as its device makes anything twice; one that could not be run proves nothing.</summary>
    public bool Clean => Equal + Near + Flipped.Count == Rows;
}
