using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sweep.Execution.Summaries;

namespace Sweep.Perf.Statistics;

/// <summary>
/// How often the summary finds something where there is nothing, on item results of a real sweep that is run first. 5 % of 1,000 replicates are 50, with a standard deviation of
/// 6.9: at most 65 are wanted.
/// </summary>
internal static class NullHarness
{
    private const int Replicates = 1_000;
    private const int Wanted = 65;
    private const int Controls = 20;
    private const int Folds = 5;

    /// <summary>
    /// Bottlenecks that change much (what was planted, a whole layer) and one that changes little; twice as many random sets as a replicate draws. Of the second model most
    /// answers are wrong, and many can turn.
    /// </summary>
    private const string Plan = """
        models: [models/mamba-mini-planted]
        benchmarks:
          - { name: triviaqa, data: benchmarks/mini/triviaqa.json }
          - { name: ruler, data: benchmarks/mini/ruler.jsonl, items: 60 }
          - { name: musique, data: benchmarks/mini/musique.jsonl, items: 24 }
        bottlenecks:
          - { name: planted, layer: 8, channels: [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185] }
          - { name: at-random, layer: 10, random: 16, seeds: [2] }
          - { name: whole-layer, layer: 10, channels: all }
        scalars: [0.2, 5]
        controls: { random: 42 }

        """;

    /// <summary>Many scalars that change little: the more there are to choose from, the more a choice can make of nothing.</summary>
    private const string Many = """
        name: null-many-scalars
        models: [models/mamba-mini-planted]
        benchmarks:
          - { name: triviaqa, data: benchmarks/mini/triviaqa.json }
        bottlenecks:
          - { name: at-random, layer: 10, random: 16, seeds: [2] }
        scalars: paper
        controls: { random: 4 }
        decoding: { generate: false }

        """;

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var replicates = Option(arguments, "--replicates") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : Replicates;
        using var stored = new StoredSweep(Option(arguments, "--store"));
        var scores = await OpenAsync(stored, $"name: null-scores\n{Plan}", cancellationToken);
        // The same rows once more, of which only the log-likelihoods are looked at: continuous scores, of which no test is too careful.
        var likelihoods = await OpenAsync(stored, $"name: null-log-likelihoods\n{Plan}decoding: {{ generate: false }}\n", cancellationToken);
        var many = await OpenAsync(stored, Many, cancellationToken);
        (string Name, Func<int, Task<NullFindings>> Check, Func<NullFindings, bool> IsFinding)[] all =
        [
            ("labels swapped by group, scores", scores.SwappedLabelsAsync, found => found.Effects),
            ("labels swapped by group, log-likelihoods", likelihoods.SwappedLabelsAsync, found => found.Effects),
            ($"the same cross-fitted in {Folds} folds, scores", replicate => scores.CrossFittedAsync(replicate, Folds), found => found.Effects),
            ($"the same cross-fitted in {Folds} folds, log-likelihoods", replicate => likelihoods.CrossFittedAsync(replicate, Folds), found => found.Effects),
            ($"the same cross-fitted in {Folds} folds, 29 scalars, log-likelihoods", replicate => many.CrossFittedAsync(replicate, Folds), found => found.Effects),
            ("random sets among random sets", replicate => scores.RandomAmongRandomAsync(replicate, Controls), found => found.Ranks),
            ("duplicates at scalar 1", replicate => scores.DuplicatesAsync(replicate, Controls), found => found.Effects || found.Holm || found.Ranks),
        ];
        var passed = true;
        foreach (var (name, check, isFinding) in all.Where(one => Option(arguments, "--only") is not { } only || one.Name.Contains(only, StringComparison.Ordinal)))
        {
            var clock = Stopwatch.StartNew();
            var found = new NullFindings[replicates];
            for (var replicate = 0; replicate < replicates; replicate++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                found[replicate] = await check(replicate);
            }

            // Random sets do change the model: against the baseline their effects are real, and no false findings.
            var (findings, effects, given, holm, ranks) = (found.Count(isFinding), found.Count(one => one.Effects), found.Count(one => one.Given), found.Count(one => one.Holm), found.Count(one => one.Ranks));
            passed &= findings <= Wanted * replicates / (double)Replicates;
            Console.WriteLine(arguments.Contains("--json")
                ? JsonSerializer.Serialize(new { check = name, replicates, findings, effects, given, holm, ranks, seconds = clock.Elapsed.TotalSeconds })
                : string.Create(CultureInfo.InvariantCulture, $"{name}: {findings} of {replicates:N0} with a finding; effects against the baseline {effects}, with choices taken for given {given}, by Holm {holm}, ranks {ranks}; {clock.Elapsed.TotalSeconds:0} s"));
        }

        return passed ? 0 : 1;
    }

    private static async Task<NullChecks> OpenAsync(StoredSweep stored, string plan, CancellationToken cancellationToken)
    {
        var id = await stored.RunAsync(plan, cancellationToken);
        return await NullChecks.OpenAsync(await stored.OpenAsync(cancellationToken), id, cancellationToken);
    }

    private static string? Option(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
}
