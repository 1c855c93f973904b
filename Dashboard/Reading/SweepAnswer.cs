using System.Globalization;
using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Reading;

/// <summary>What a sweep found, before any detail.</summary>
internal sealed record SweepAnswer
{
    /// <summary>One sentence.</summary>
    public required string Headline { get; init; }

    /// <summary>How sure that is, and what it rests on.</summary>
    public required string Basis { get; init; }

    public required IReadOnlyList<SummaryRow> Better { get; init; }

    public required IReadOnlyList<SummaryRow> Worse { get; init; }

    public static SweepAnswer Of(SweepSummary summary)
    {
        SummaryRow[] rows = [.. summary.Rows.Where(row => row.TestItems > 0)];
        var bottlenecks = rows.GroupBy(row => (row.Model, row.Bottleneck)).ToArray();
        SummaryRow[] better = [.. rows.Where(row => row.Verdict == EffectVerdict.Better)];
        SummaryRow[] worse = [.. rows.Where(row => row.Verdict == EffectVerdict.Worse)];
        var withControls = bottlenecks.Count(one => one.Any(row => row.Controls > 0));
        var ranked = bottlenecks.Count(one => one.Any(row => row is { RankOnly: false, ControlCorrectedP: not null }));
        var beat = bottlenecks.Count(one => one.Any(row => row is { Verdict: EffectVerdict.Better, ControlCorrectedP: <= 0.05 }));
        var raise = bottlenecks.Count(one => one.Any(row => row.Verdict == EffectVerdict.Better));
        return new SweepAnswer
        {
            Headline = bottlenecks.Length == 0 ? "No test item has been measured yet."
                : ranked > 0 ? $"{Whole(beat)} of {Counted(bottlenecks.Length, "bottleneck")} beat{(beat == 1 ? "s" : "")} {(beat == 1 ? "its" : "their")} controls."
                : $"{Whole(raise)} of {Counted(bottlenecks.Length, "bottleneck")} raise{(raise == 1 ? "s" : "")} a score.",
            Basis = bottlenecks.Length == 0 ? ""
                : $"Of {Counted(rows.Length, "comparison")} on test items (a bottleneck at its chosen scalar on a benchmark of a model), {Whole(better.Length)} better, {Whole(worse.Length)} worse, "
                    + $"{Whole(rows.Count(row => row.Verdict == EffectVerdict.Equivalent))} equivalent, {Whole(rows.Count(row => row.Verdict is null or EffectVerdict.Undecided))} undecided, corrected for all of them at 5 %. "
                    + (ranked > 0 ? $"Ranks among random controls are corrected over {Whole(summary.NullSweeps)} null sweeps{(ranked < bottlenecks.Length ? $"; {Whole(bottlenecks.Length - ranked)} bottlenecks have too few controls for a p" : "")}."
                        : withControls > 0 ? "There are too few random controls for a p of 0.05 by rank: whether a bottleneck beats its controls is left open, its rank stands in the table."
                        : "There are no random controls: nothing says that the bottleneck did it rather than its size."),
            Better = better,
            Worse = worse,
        };
    }

    /// <summary>A finding in a line.</summary>
    public static string Line(SummaryRow row) =>
        $"{row.Bottleneck} ×{ReportFigures.Scalar(row.Scalar)} on {row.Benchmark} of {row.Model}: {ReportFigures.Score(row.Unit, row.Baseline)} → {ReportFigures.Score(row.Unit, row.Steered)}, {ReportFigures.Effect(row.Unit, row.Effect)} {ReportFigures.UnitOf(row.Unit)} "
        + $"({ReportFigures.Interval(row.Unit, row.EffectLow, row.EffectHigh)}), n {row.TestItems}, corrected p {ReportFigures.P(row.FamilyP)}{(row.ControlRank is null ? "" : $", rank {ReportFigures.Rank(row)} among random controls")}{(row.PerplexityChange is null ? "" : $", perplexity {ReportFigures.Change(row.PerplexityChange)}")}";

    private static string Whole(int number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Counted(int number, string word) => $"{Whole(number)} {word}{(number == 1 ? "" : "s")}";
}
