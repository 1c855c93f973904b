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

    /// <summary>Twice as many random sets a bottleneck as a replicate draws.</summary>
    private const string Plan = """
        name: null-checks
        models: [models/mamba-mini]
        benchmarks:
          - { name: triviaqa, data: benchmarks/mini/triviaqa.json }
          - { name: squad, data: benchmarks/mini/squad.json, items: 40 }
          - { name: drop, data: benchmarks/mini/drop.json, items: 40 }
          - { name: ruler, data: benchmarks/mini/ruler.jsonl, items: 40 }
        bottlenecks:
          - { name: one, layer: 8, random: 16, seeds: [1] }
          - { name: two, layer: 10, random: 16, seeds: [2] }
        scalars: [0.2, 5]
        controls: { random: 42 }
        """;

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var replicates = Option(arguments, "--replicates") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : Replicates;
        using var stored = new StoredSweep(Option(arguments, "--store"));
        var id = await stored.RunAsync(Plan, cancellationToken);
        var store = await stored.OpenAsync(cancellationToken);
        var checks = await NullChecks.OpenAsync(store, id, cancellationToken);
        (string Name, Func<int, Task<NullFindings>> Check, string Kinds)[] all =
        [
            ("labels swapped by group", checks.SwappedLabelsAsync, "effects, Holm"),
            ("random sets among random sets", replicate => checks.RandomAmongRandomAsync(replicate, Controls), "ranks"),
            ("duplicates at scalar 1", replicate => checks.DuplicatesAsync(replicate, Controls), "effects, Holm, ranks"),
        ];
        var passed = true;
        foreach (var (name, check, kinds) in all)
        {
            var clock = Stopwatch.StartNew();
            var found = new NullFindings[replicates];
            for (var replicate = 0; replicate < replicates; replicate++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                found[replicate] = await check(replicate);
            }

            // Random sets do change the model: against the baseline their effects are real, and no false findings.
            var (effects, holm, ranks) = (found.Count(one => one.Effects), found.Count(one => one.Holm), found.Count(one => one.Ranks));
            var counted = found.Count(one => (kinds.Contains("effects", StringComparison.Ordinal) && one.Effects) || (kinds.Contains("ranks", StringComparison.Ordinal) && one.Ranks));
            var ranked = found.Sum(one => one.RankedRows);
            passed &= counted <= Wanted * replicates / Replicates && (!kinds.Contains("ranks", StringComparison.Ordinal) || ranked > 0);
            Console.WriteLine(arguments.Contains("--json")
                ? JsonSerializer.Serialize(new { check = name, counted = kinds, replicates, findings = counted, effects, holm, ranks, ranked, seconds = clock.Elapsed.TotalSeconds })
                : string.Create(CultureInfo.InvariantCulture, $"{name}: {counted} of {replicates:N0} with a finding ({kinds}); effects against the baseline {effects}, by Holm {holm}, ranks {ranks} of {ranked:N0} ranked rows; {clock.Elapsed.TotalSeconds:0} s"));
        }

        return passed ? 0 : 1;
    }

    private static string? Option(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
}
