using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Pages.Cells;

/// <summary>What a cell's page shows.</summary>
internal sealed record CellView
{
    /// <summary>A line a split: of the summary where there is one, else of the rows so far.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Lines { get; init; }

    /// <summary>Test items that rose, and that fell.</summary>
    public required int Better { get; init; }

    public required int Worse { get; init; }

    public Figure? Distribution { get; init; }

    public static CellView Of(CellRows rows)
    {
        ItemPair[] test = [.. rows.Pairs.Where(pair => pair.Item.Split == ItemSplit.Test)];
        var scores = rows.Summary?.Splits.GetValueOrDefault(SummaryCells.Test);
        var effects = test.Where(pair => pair.Effect is not null).Select(pair => pair.Effect!.Value).ToArray();
        var rough = PairedEffect.Of(effects);
        var interval = scores is { EffectLow: { } low, EffectHigh: { } high } ? (low, high) : rough is { Low: { } from, High: { } to } ? ((double, double)?)(from, to) : null;
        return new CellView
        {
            Lines = rows.Summary is { } summary
                ? [.. summary.Splits.Where(split => split.Value.N > 0).OrderBy(split => split.Key, StringComparer.Ordinal).Select(split => Line(split.Key, split.Value, rows.Unit))]
                : [.. rows.Pairs.GroupBy(pair => pair.Item.Split).OrderBy(group => group.Key).Select(group => SoFar(group.Key, [.. group], rows.Unit))],
            Better = test.Count(pair => pair.IsBetter),
            Worse = test.Count(pair => pair.IsWorse),
            Distribution = Histogram.Draw("Effects of single test items", effects, rows.Unit, interval),
        };
    }

    private static IReadOnlyList<string> Line(string split, SplitScores scores, ScoreUnit unit) =>
    [
        split, Whole(scores.N), ReportFigures.Score(unit, scores.Baseline), ReportFigures.Score(unit, scores.Steered), ReportFigures.Effect(unit, scores.Effect), ReportFigures.Interval(unit, scores.EffectLow, scores.EffectHigh),
        ReportFigures.P(scores.P), Whole(scores.RightToWrong), Whole(scores.WrongToRight), ReportFigures.Nats(scores.LogLikelihoodEffect),
    ];

    private static IReadOnlyList<string> SoFar(ItemSplit split, ItemPair[] pairs, ScoreUnit unit)
    {
        ItemPair[] scored = [.. pairs.Where(pair => pair.Effect is not null)];
        var effect = PairedEffect.Of(scored.Select(pair => pair.Effect!.Value));
        return
        [
            $"{split.ToString().ToLowerInvariant()}, so far", Whole(scored.Length), Mean(pair => pair.BeforeScore), Mean(pair => pair.AfterScore), ReportFigures.Effect(unit, effect?.Mean), ReportFigures.Interval(unit, effect?.Low, effect?.High),
            ReportFigures.None, Whole(scored.Count(pair => pair.IsWorse)), Whole(scored.Count(pair => pair.IsBetter)), ReportFigures.None,
        ];

        string Mean(Func<ItemPair, double?> of) => scored.Length == 0 ? ReportFigures.None : ReportFigures.Score(unit, scored.Average(pair => of(pair)!.Value));
    }

    private static string Whole(int? number) => number?.ToString("#,0", CultureInfo.InvariantCulture) ?? ReportFigures.None;
}
