using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Tests.Stores;

/// <summary>Summaries with numbers of every length: two benchmarks, three bottlenecks with controls of two kinds, three scalars.</summary>
internal static class Summaries
{
    private static readonly double?[] Scalars = [0.5, 1.0 / 3, null];

    public static SweepSummary Of(string sweepId, int seed)
    {
        var random = new Random(seed);
        string[] benchmarks = ["squad", "text \u0001 of \0 all"];
        string[] bottlenecks = ["b", "ü", "c"];
        return new SweepSummary
        {
            SweepId = sweepId,
            Name = "rows",
            NullSweeps = 20,
            Overall = [new OverallEffect { Model = "m", Bottleneck = "b", Benchmarks = 2, Effect = random.NextDouble(), EffectLow = -1, EffectHigh = 1, P = 0.5, Tau = 0, HeterogeneityP = 1 }],
            Rows = [.. from benchmark in benchmarks from bottleneck in bottlenecks select Row(random, benchmark, bottleneck)],
            Cells = [.. from benchmark in benchmarks
                        from bottleneck in bottlenecks
                        from control in new (ControlKind?, int?)[] { (null, null), (ControlKind.Random, 0), (null, 1), (ControlKind.Complement, 0) }
                        from scalar in Scalars
                        select Cell(random, benchmark, bottleneck, control.Item1, control.Item2, scalar)],
        };
    }

    private static SummaryRow Row(Random random, string benchmark, string bottleneck) => new()
    {
        Model = "m",
        Benchmark = benchmark,
        Bottleneck = bottleneck,
        Recipe = "explicit",
        Metric = "em",
        Unit = bottleneck == "c" ? ScoreUnit.NatsAToken : ScoreUnit.Share,
        SelectionItems = 1,
        TestItems = bottleneck == "ü" && benchmark == "squad" ? 0 : 3,
        TestGroups = 3,
        Scalar = 0.5,
        Baseline = random.NextDouble(),
        Steered = random.NextDouble(),
        Effect = random.NextDouble() - 0.5,
        Controls = 2,
        TooFewItems = false,
        Diverged = 0,
    };

    private static SummaryCell Cell(Random random, string benchmark, string bottleneck, ControlKind? kind, int? index, double? scalar) => new()
    {
        Model = "m",
        Benchmark = benchmark,
        Bottleneck = bottleneck,
        ControlKind = kind,
        ControlIndex = index,
        Scalar = scalar,
        Metric = "em",
        Unit = ScoreUnit.Share,
        Jobs = new Dictionary<Measure, JobId> { [Measure.LogLikelihood] = Rows.Jobs[0].Id },
        Splits = new Dictionary<string, SplitScores>
        {
            ["selection"] = Scores(random, 2, 0),
            ["test"] = Scores(random, random.Next(5), random.Next(4) / 3),
        },
        ControlRank = index is null ? random.Next(1, 3) : null,
        Controls = index is null ? 2 : 0,
        FamilyP = index is null ? random.NextDouble() * 1e-7 : null,
    };

    private static SplitScores Scores(Random random, int n, int diverged) => new()
    {
        N = n,
        Baseline = random.NextDouble(),
        Steered = random.NextDouble(),
        Effect = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 3)),
        EffectLow = -random.NextDouble(),
        EffectHigh = n < 2 ? null : random.NextDouble(),
        Diverged = diverged,
    };
}
