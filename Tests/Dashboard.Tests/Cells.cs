using Sweep.Contracts.Results;
using Sweep.Dashboard.Figures;

namespace Sweep.Dashboard.Tests;

/// <summary>Cells of one benchmark of one model.</summary>
internal static class Cells
{
    public static EffectCell Cell(string bottleneck, double? scalar, double? effect, double? p = 0.5, int? of = null) => new()
    {
        Model = "mini",
        Benchmark = "squad",
        Bottleneck = bottleneck,
        Scalar = scalar,
        Layer = 3,
        Unit = ScoreUnit.Share,
        Effect = effect,
        Low = effect - 0.1,
        High = effect + 0.1,
        N = effect is null ? 0 : 24,
        Of = of,
        FamilyP = of is null ? p : null,
        Href = $"/sweeps/s/cell?bottleneck={bottleneck}",
    };

    public static SummaryRow Row(string bottleneck, EffectVerdict? verdict = EffectVerdict.Undecided, string benchmark = "squad", double effect = 0, double? correctedRankP = null, int controls = 0, bool rankOnly = false, double? perplexity = null) => new()
    {
        Model = "mini",
        Benchmark = benchmark,
        Bottleneck = bottleneck,
        Recipe = "given",
        Metric = "em",
        Unit = ScoreUnit.Share,
        SelectionItems = 10,
        TestItems = 24,
        TestGroups = 24,
        Scalar = 2,
        Baseline = 0.5,
        Steered = 0.5 + effect,
        Effect = effect,
        EffectLow = effect - 0.1,
        EffectHigh = effect + 0.1,
        FamilyP = 0.04,
        Verdict = verdict,
        Controls = controls,
        ControlRank = controls > 0 ? 1 : null,
        ControlCorrectedP = correctedRankP,
        RankOnly = rankOnly,
        PerplexityChange = perplexity,
        TooFewItems = false,
        Diverged = 0,
    };

    public static SweepSummary Summary(params SummaryRow[] rows) => new() { SweepId = "s", Name = "s", Rows = rows, Cells = [] };
}
