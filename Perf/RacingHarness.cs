using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Evaluation.Racing;
using Sweep.Evaluation.Statistics;

namespace Sweep.Perf;

/// <summary>
/// Races over simulated items: 29 scalars × 20 sets, 2,000 items for the race and as many for the frozen winner's test. Configurations share the baseline's outcome of an item,
/// and half of what moves an item is shared by the scalars of a set.
/// </summary>
internal static class RacingHarness
{
    private const int Scalars = 29;
    private const int Sets = 20;
    private const int Items = 2_000;
    private const int Peak = 14;
    private const double Saving = 4;
    private const double Width = 3;
    private const double Alpha = 0.05;
    private const int Looks = 8;

    private static readonly (string Name, double Effect, double Discordance)[] Scenarios = [("+10 points", 0.10, 0.25), ("+5 points", 0.05, 0.15), ("null", 0, 0.15)];

    public static bool Run(IReadOnlyList<string> arguments)
    {
        var at = arguments.ToList().IndexOf("--runs");
        var runs = at >= 0 && at + 1 < arguments.Count && int.TryParse(arguments[at + 1], out var asked) && asked > 0 ? asked : 1_000;
        var results = Scenarios.SelectMany(scenario => new[] { Measure(scenario, "halving", runs), Measure(scenario, "elimination", runs) }).ToList();
        if (arguments.Contains("--json"))
            Console.WriteLine(JsonSerializer.Serialize(results, SweepJson.Options));
        else
            results.ForEach(result => Console.WriteLine(result.ToText()));
        return results.TrueForAll(result => result.IsReached);
    }

    private static RacingResult Measure((string Name, double Effect, double Discordance) scenario, string method, int runs)
    {
        var (near, findings, itemRuns) = (0, 0, 0L);
        Parallel.For(0, runs, run =>
        {
            var world = new World(run, scenario.Effect, scenario.Discordance);
            var (winner, used) = method == "halving" ? Halve(world) : Eliminate(world);
            if (world.IsNear(winner))
                Interlocked.Increment(ref near);
            if (world.Test(winner) < Alpha)
                Interlocked.Increment(ref findings);
            Interlocked.Add(ref itemRuns, used);
        });
        var saving = (double)Scalars * Sets * Items * runs / itemRuns;
        return new RacingResult
        {
            Scenario = scenario.Name,
            Method = method,
            Runs = runs,
            Near = near,
            Findings = findings,
            Saving = Math.Round(saving, 2),
            IsReached = (scenario.Effect > 0 ? near >= 0.95 * runs : findings <= 0.065 * runs) && (method != "halving" || saving >= Saving),
        };
    }

    private static (int Winner, long ItemRuns) Halve(World world)
    {
        var rounds = HalvingSchedule.Of(Scalars * Sets, Items, Saving);
        var race = new HalvingRace(rounds);
        while (!race.IsOver)
        {
            var (first, end) = (race.Items.Start.Value, race.Items.End.Value);
            race.EndRound([.. race.Running.Select(one =>
            {
                var (gained, lost) = world.Count(one, first, end);
                return (double)(gained - lost);
            })]);
        }

        return (race.Winner!.Value, HalvingSchedule.ItemRuns(rounds));
    }

    private static (int Winner, long ItemRuns) Eliminate(World world)
    {
        var race = new EliminationRace(Scalars * Sets, Alpha);
        var itemRuns = 0L;
        for (var look = 0; look < Looks && race.Running.Count > 1; look++)
        {
            var (first, end) = (Items * look / Looks, Items * (look + 1) / Looks);
            itemRuns += (long)race.Running.Count * (end - first);
            race.Look([.. race.Running.Select(one => world.Count(one, first, end))], end - first);
        }

        return (race.Leader, itemRuns);
    }

    /// <summary>Outcomes as a function of (run, configuration, item): nothing is stored, and a race sees what another would.</summary>
    private sealed class World(int run, double effect, double discordance)
    {
        private const double Easy = 0.5;
        private const double SharedBySet = 0.5;

        private static double EffectOf(int configuration, double peak)
        {
            var (set, scalar) = (configuration / Scalars, configuration % Scalars);
            return set == 0 ? peak * Math.Exp(-(scalar - Peak) * (scalar - Peak) / (2 * Width * Width)) : 0;
        }

        public (int Gained, int Lost) Count(int configuration, int first, int end)
        {
            var (gained, lost) = (0, 0);
            var mean = EffectOf(configuration, effect);
            for (var item = first; item < end; item++)
            {
                var isRight = Draw(0, 0, item) < Easy;
                var set = 1 + (configuration / Scalars);
                var u = Draw(1, configuration, item) < SharedBySet ? Draw(2, set, item) : Draw(3, configuration, item);
                // P(gained) and P(lost) are half of these: half of the items can be gained, half lost.
                if (!isRight && u < discordance + mean)
                    gained++;
                else if (isRight && u < discordance - mean)
                    lost++;
            }

            return (gained, lost);
        }

        /// <summary>Exact McNemar on items that no race has seen.</summary>
        public double Test(int configuration)
        {
            var (gained, lost) = Count(configuration, Items, 2 * Items);
            return PairedTests.McNemar(gained, lost);
        }

        /// <summary>Within a step of the grid, or a point of the effect, of the best.</summary>
        public bool IsNear(int configuration) =>
            (configuration / Scalars == 0 && Math.Abs((configuration % Scalars) - Peak) <= 1) || EffectOf(configuration, effect) >= effect - 0.01;

        private double Draw(int kind, int which, int item)
        {
            var z = ((ulong)run * 0x9E3779B97F4A7C15) ^ ((ulong)kind << 60) ^ ((ulong)which << 32) ^ (ulong)item;
            for (var i = 0; i < 2; i++)
            {
                z += 0x9E3779B97F4A7C15;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                z ^= z >> 31;
            }

            return (z >> 11) * (1.0 / (1UL << 53));
        }
    }
}

/// <summary>What many races came to.</summary>
internal sealed record RacingResult
{
    public required string Scenario { get; init; }

    public required string Method { get; init; }

    public required int Runs { get; init; }

    /// <summary>Runs whose winner is within one grid step, or one point, of the best.</summary>
    public required int Near { get; init; }

    /// <summary>Runs whose winner the test split finds, p below 0.05.</summary>
    public required int Findings { get; init; }

    /// <summary>Item runs of the full grid over those of the races.</summary>
    public required double Saving { get; init; }

    public required bool IsReached { get; init; }

    public string ToText() => $"{Scenario,-11} {Method,-12} {Runs} runs: winner near the best in {Near}, found on the test split in {Findings}; {Saving:N2} times fewer item runs{(IsReached ? "" : "  NOT REACHED")}";
}
