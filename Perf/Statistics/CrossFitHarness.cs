using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sweep.Evaluation.Statistics;

namespace Sweep.Perf.Statistics;

/// <summary>
/// Cross-fitted rows on drawn items, of which the truth is known: how often an effect is found where no scalar has any, with flips that choose anew and with flips that take the choices for given; and
/// how often the 95 % interval holds the true mean of what was chosen.
/// </summary>
internal static class CrossFitHarness
{
    private const int Runs = 1_000;
    private const int Draws = 999;
    private const int Groups = 100;

    /// <summary>Three standard deviations of 1,000 runs at 5 % are 21.</summary>
    private const int Wanted = 65;

    private static readonly Design[] Designs =
    [
        new("nothing to find, 8 unrelated scalars, 2 folds", 2, 8, Related: 0, Harmful: 0, Peak: 0, IsBinary: false, IsNull: true),
        new("nothing to find, 8 unrelated scalars, 5 folds", 5, 8, Related: 0, Harmful: 0, Peak: 0, IsBinary: false, IsNull: true),
        new("nothing to find, 28 unrelated scalars, 5 folds", 5, 28, Related: 0, Harmful: 0, Peak: 0, IsBinary: false, IsNull: true),
        new("nothing to find, 28 unrelated scalars, 20 folds", 20, 28, Related: 0, Harmful: 0, Peak: 0, IsBinary: false, IsNull: true),
        new("nothing to find, 28 scalars alike to their neighbours, 5 folds", 5, 28, Related: 0.9, Harmful: 0, Peak: 0, IsBinary: false, IsNull: true),
        new("nothing to find, right and wrong, 28 scalars, 5 folds", 5, 28, Related: 0, Harmful: 0, Peak: 0, IsBinary: true, IsNull: true),
        new("8 scalars without effect, 20 that harm, 5 folds", 5, 28, Related: 0, Harmful: 20, Peak: 0, IsBinary: false, IsNull: true),
        new("one scalar gains 0.3, 5 folds", 5, 28, Related: 0, Harmful: 0, Peak: 0.3, IsBinary: false, IsNull: false),
        new("one scalar gains 0.5, 20 harm, 5 folds", 5, 28, Related: 0, Harmful: 20, Peak: 0.5, IsBinary: false, IsNull: false),
    ];

    public static int Run(string[] arguments)
    {
        var passed = true;
        foreach (var design in Designs)
        {
            var clock = Stopwatch.StartNew();
            var counts = new Counts();
            for (var run = 0; run < Runs; run++)
                Count(design, run, counts);
            passed &= !design.IsNull || counts.Found <= Wanted;
            passed &= counts.Covered >= Runs - Wanted;
            Console.WriteLine(arguments.Contains("--json")
                ? JsonSerializer.Serialize(new { design = design.Name, runs = Runs, found = counts.Found, found_given = counts.FoundGiven, found_half = counts.FoundHalf, covered = counts.Covered, covered_given = counts.CoveredGiven, widening = counts.Widening / Runs, agreeing = counts.Agreeing / Runs, seconds = clock.Elapsed.TotalSeconds })
                : string.Create(CultureInfo.InvariantCulture, $"{design.Name}: of {Runs:N0} runs {counts.Found} find an effect, {counts.FoundGiven} with the choices taken for given, {counts.FoundHalf} with half the items to choose on; the interval holds what was chosen in {counts.Covered}, unwidened in {counts.CoveredGiven}; {counts.Widening / Runs:0.00} times as wide, {100 * counts.Agreeing / Runs:0} % of folds agree; {clock.Elapsed.TotalSeconds:0} s"));
        }

        return passed ? 0 : 1;
    }

    private static void Count(Design design, int run, Counts counts)
    {
        var random = new Random((design.Name.Length * 100_003) + run);
        string[] groups = [.. Enumerable.Range(0, Groups).Select(group => $"g{group:000}")];
        int[] foldOf = [.. Enumerable.Range(0, Groups).Select(group => group % design.Folds)];
        double[] means = [0, .. Enumerable.Range(0, design.Scalars).Select(scalar => scalar == design.Scalars - 1 ? design.Peak : scalar < design.Harmful ? -1 : 0.0)];
        var gains = means.Select(_ => new double[Groups]).ToArray();
        for (var group = 0; group < Groups; group++)
        {
            var last = 0.0;
            for (var scalar = 1; scalar < means.Length; scalar++)
            {
                last = scalar == 1 ? Normal(random) : (design.Related * last) + (Math.Sqrt(1 - (design.Related * design.Related)) * Normal(random));
                gains[scalar][group] = design.IsBinary ? Math.Abs(last) < 1 ? 0 : Math.Sign(last) : means[scalar] + last;
            }
        }

        var choice = new CrossFit(groups, foldOf, gains);
        var effect = new CrossFittedFamily([new CrossFittedMember { Block = "b", Part = new CrossFittedPart(choice, gains) }], run, Draws).Alone(0);
        var chosen = choice.Choose();
        double[] pooled = [.. Enumerable.Range(0, Groups).Select(group => gains[chosen[foldOf[group]]][group])];
        var truth = Enumerable.Range(0, Groups).Average(group => means[chosen[foldOf[group]]]);
        var mean = pooled.Average();
        var (low, high) = BcaBootstrap.Interval(pooled, groups, run, draws: Draws);
        counts.Found += effect.P <= 0.05 ? 1 : 0;
        counts.FoundGiven += SignFlipTest.P(pooled, groups, run, draws: Draws) <= 0.05 ? 1 : 0;
        counts.FoundHalf += HalfSplit(gains, groups, run) <= 0.05 ? 1 : 0;
        counts.CoveredGiven += low <= truth && truth <= high ? 1 : 0;
        counts.Covered += mean - (effect.Widening * (mean - low)) <= truth && truth <= mean + (effect.Widening * (high - mean)) ? 1 : 0;
        counts.Widening += effect.Widening;
        counts.Agreeing += chosen.GroupBy(one => one).Max(ofOne => ofOne.Count()) / (double)design.Folds;
    }

    /// <summary>The choice on every other group, the test on the rest.</summary>
    private static double HalfSplit(double[][] gains, string[] groups, int run)
    {
        var best = gains.MaxBy(ofOne => ofOne.Where((_, group) => group % 2 == 0).Sum())!;
        return SignFlipTest.P([.. best.Where((_, group) => group % 2 == 1)], [.. groups.Where((_, group) => group % 2 == 1)], run, draws: Draws);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <param name="Name">For people; seeds the draws.</param>
    /// <param name="Folds">Of the groups.</param>
    /// <param name="Scalars">Beside the identity.</param>
    /// <param name="Related">Correlation of an item's effects at neighbouring scalars.</param>
    /// <param name="Harmful">Scalars whose mean is one standard deviation below none.</param>
    /// <param name="Peak">Mean of the last scalar, in standard deviations of an item.</param>
    /// <param name="IsBinary">An item turns right or wrong, or stays.</param>
    /// <param name="IsNull">Whatever is chosen, a finding is false.</param>
    private sealed record Design(string Name, int Folds, int Scalars, double Related, int Harmful, double Peak, bool IsBinary, bool IsNull);

    private sealed class Counts
    {
        public int Found { get; set; }

        public int FoundGiven { get; set; }

        public int FoundHalf { get; set; }

        public int Covered { get; set; }

        public int CoveredGiven { get; set; }

        public double Widening { get; set; }

        public double Agreeing { get; set; }
    }
}
