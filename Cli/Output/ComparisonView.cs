using System.Globalization;
using Spectre.Console;
using Sweep.Cli.Comparing;

namespace Sweep.Cli.Output;

/// <summary>A comparison of two engines for a terminal.</summary>
internal static class ComparisonView
{
    private const int MostLines = 60;
    private const int MostText = 48;

    public static void Print(SweepComparison comparison)
    {
        Console.WriteLine($"{Words(comparison.Other)} against {Words(comparison.Reference)}");
        var table = new Table().Border(TableBorder.Simple).AddColumns("model", "benchmark", "generations", "flips", "share", "other score", "other choice", "pairs", "nats apart", "of max(1, |nats|)");
        foreach (var one in comparison.Benchmarks)
        {
            table.AddRow(
                Markup.Escape(one.Model), Markup.Escape(one.Benchmark), Number(one.Generations), Number(one.Flips), Share(one.Flips, one.Generations), Number(one.ScoreFlips), Number(one.ChoiceFlips),
                Number(one.PairFlips), Small(one.LargestDifference), Small(one.LargestRelative));
        }

        AnsiConsole.Write(table);
        foreach (var flip in comparison.Flipped.Take(MostLines))
        {
            var margin = flip.Margin is { } nats ? string.Create(CultureInfo.InvariantCulture, $"margin {nats:0.0e+0} nats at token {flip.Step}") : "margin not looked for";
            var place = flip.Bottleneck is null ? "unsteered" : string.Create(CultureInfo.InvariantCulture, $"{flip.Bottleneck}{(flip.ControlKind is { } kind ? $" ({kind})" : "")} x{flip.Scalar}");
            Console.WriteLine($"  {flip.Model} {flip.Benchmark} {flip.Item}, {place}: {margin}{(flip.ScoreChanged ? ", another score" : "")}: '{Cut(flip.Reference)}' became '{Cut(flip.Other)}'");
        }

        if (comparison.Flipped.Count > MostLines)
            Console.WriteLine($"  and {comparison.Flipped.Count - MostLines} more (--json has them)");
        var margins = comparison.Flipped.Select(flip => flip.Margin).OfType<double>().ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{comparison.Flips:N0} of {comparison.Generations:N0} generations flipped ({Share(comparison.Flips, comparison.Generations)}, at most {comparison.MostFlips:0.0##%} expected){(margins.Length > 0 ? $"; largest margin of {margins.Length} looked for: {margins.Max():0.0e+0} nats" : "")}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{comparison.Effects:N0} effects: shares at most {100 * comparison.LargestShareDifference:0.00} points apart, log-likelihoods {comparison.LargestNatsDifference:0.0e+0} nats; {comparison.EffectsBeyond.Count} differ by more than the rows account for"));
        foreach (var line in comparison.EffectsBeyond.Take(MostLines))
            Console.WriteLine($"  {line}");
        foreach (var line in comparison.OtherScalars)
            Console.WriteLine($"  another scalar was chosen: {line}");
        if (comparison.JobsApart + comparison.RowsApart > 0)
            Console.WriteLine($"{comparison.JobsApart} of {comparison.Jobs + comparison.JobsApart} jobs and {comparison.RowsApart} rows have no counterpart");
        Console.WriteLine(comparison.Agrees ? "they agree" : "they do not agree");
    }

    private static string Words(ComparedSweep sweep) => $"{sweep.Id} ({sweep.Numerics}, {sweep.Precision})";

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(int part, int whole) => whole == 0 ? "-" : ((double)part / whole).ToString("0.00%", CultureInfo.InvariantCulture);

    private static string Small(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    private static string Cut(string text) => (text.Length > MostText ? text[..MostText] + "..." : text).Replace('\n', ' ');
}
