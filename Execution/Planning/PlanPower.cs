using Sweep.Contracts.Plans;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Planning;

/// <summary>What a plan can find, before anything runs: 80 % power of the exact two-sided McNemar test at 5 %, of one effect by itself.</summary>
public sealed record PlanPower
{
    /// <summary>Effect and discordance of usual designs, as shares.</summary>
    private static readonly (double Effect, double Discordance)[] Designs = [(0.05, 0.15), (0.05, 0.25), (0.1, 0.25), (0.02, 0.1)];

    /// <summary>Shares of items whose answer steering turns, either way, that benchmarks are asked about.</summary>
    private static readonly double[] Discordances = [0.15, 0.25];

    public required IReadOnlyList<PairsNeeded> Needed { get; init; }

    /// <summary>The plan's benchmarks whose score is a share; others have no discordance to speak of.</summary>
    public required IReadOnlyList<BenchmarkPower> Benchmarks { get; init; }

    /// <summary>What ranks among random controls can show; null where there are no bottlenecks with controls.</summary>
    public RankPower? Ranks { get; init; }

    public static PlanPower Of(ResolvedPlan resolved) => new()
    {
        Ranks = RankPower.Of(resolved),
        Needed =
        [
            .. Designs.Select(design => new PairsNeeded
            {
                Effect = design.Effect,
                Discordance = design.Discordance,
                Asymptotic = McNemarPower.AsymptoticPairs(design.Effect, design.Discordance),
                Exact = McNemarPower.ExactPairs(design.Effect, design.Discordance),
            }),
        ],
        Benchmarks = [.. resolved.Benchmarks.Where(benchmark => benchmark.MetricMeasure is not null).Select(Of)],
    };

    private static BenchmarkPower Of(ResolvedBenchmark benchmark)
    {
        var test = benchmark.Items.Where(item => item.Split == ItemSplit.Test).ToArray();
        var groups = test.Select(item => item.Group).Distinct(StringComparer.Ordinal).Count();
        return new BenchmarkPower
        {
            Name = benchmark.Name,
            Items = test.Length,
            Groups = groups,
            Effects = [.. Discordances.Select(discordance => new EffectAtDiscordance { Discordance = discordance, Effect = McNemarPower.DetectableEffect(groups, discordance) })],
            LeastEffect = McNemarPower.LeastDetectableEffect(groups),
        };
    }
}

/// <summary>How many items, in groups of their own, an effect takes.</summary>
public sealed record PairsNeeded
{
    public required double Effect { get; init; }

    public required double Discordance { get; init; }

    /// <summary>By the normal approximation.</summary>
    public required int Asymptotic { get; init; }

    /// <summary>The fewest with which the exact test has the power.</summary>
    public required int Exact { get; init; }
}

/// <summary>The smallest effects that a benchmark's test items can find; groups count as one pair each, as if their items moved together.</summary>
public sealed record BenchmarkPower
{
    public required string Name { get; init; }

    /// <summary>On the test split.</summary>
    public required int Items { get; init; }

    /// <summary>On the test split.</summary>
    public required int Groups { get; init; }

    public required IReadOnlyList<EffectAtDiscordance> Effects { get; init; }

    /// <summary>Of a steering that makes nothing worse: no smaller effect is found at any discordance. Null: there are too few items for any.</summary>
    public required double? LeastEffect { get; init; }
}

/// <summary>A smallest effect at an assumed discordance.</summary>
public sealed record EffectAtDiscordance
{
    public required double Discordance { get; init; }

    /// <summary>Null: none is found, even if every discordant item turned right.</summary>
    public required double? Effect { get; init; }
}
