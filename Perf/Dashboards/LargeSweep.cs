using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Perf.Dispatch;

namespace Sweep.Perf.Dashboards;

/// <summary>A finished sweep of any size: the resolution of a <see cref="StubPlan"/>, whose benchmarks are generated and scored, and a summary as full as real ones are. Nothing of it was run.</summary>
internal sealed class LargeSweep
{
    private readonly Random _random = new(20_260);
    private readonly bool _hasControls;

    public LargeSweep(DashboardSettings settings)
    {
        var stub = new StubSweep(settings.NoControls ? "uncontrolled" : "dashboard", settings.Jobs, settings.Items, TimeSpan.Zero);
        _hasControls = !settings.NoControls;
        Plan = stub.Plan("perf");
        Id = SweepIds.Of(Plan);
        var resolved = StubPlan.Resolve(stub);
        Resolved = resolved with
        {
            Bottlenecks = settings.NoControls ? [.. resolved.Bottlenecks.Select((set, index) => set with { Name = $"bottleneck-{index}", Role = BottleneckRole.Bottleneck, ControlIndex = null })] : resolved.Bottlenecks,
            Benchmarks = [.. resolved.Benchmarks.Select(benchmark => benchmark with { Measures = [Measure.Generation], MaxNewTokens = 16 })],
        };
        Jobs = [.. PlanExpander.Jobs(Plan, Resolved).Select((pair, ordinal) => new SweepJob { Ordinal = ordinal, Job = pair.Job, Benchmark = pair.Benchmark })];
    }

    public string Id { get; }

    public SweepPlan Plan { get; }

    public ResolvedPlan Resolved { get; }

    public IReadOnlyList<SweepJob> Jobs { get; }

    /// <summary>Whether the item comes out right in the job: half of the baseline's do, and a steered job turns some of them.</summary>
    public static bool IsRight(int job, int item, bool isBaseline)
    {
        var before = Mix(item, 1) % 2 == 0;
        return isBaseline || Mix((job * 1_000) + item, 2) % 10 != 0 ? before : !before;
    }

    public SweepSummary Summarize()
    {
        var cells = PlanExpander.Cells(Plan, Resolved).Where(cell => cell.Bottleneck is not null).Select(Cell).ToArray();
        return new SweepSummary
        {
            SweepId = Id,
            Name = Plan.Name,
            NullSweeps = 20,
            Cells = cells,
            Rows = [.. cells.Where(cell => cell.ControlIndex is null).GroupBy(cell => (cell.Benchmark, cell.Bottleneck)).Select(group => Row([.. group]))],
        };
    }

    private SummaryCell Cell(SweepCell cell)
    {
        var bottleneck = Resolved.Bottlenecks[cell.Bottleneck!.Value];
        var isOwn = bottleneck.Role == BottleneckRole.Bottleneck;
        return new SummaryCell
        {
            Model = Resolved.Models[cell.Model].Name,
            Benchmark = Resolved.Benchmarks[cell.Benchmark].Name,
            Bottleneck = bottleneck.Name,
            ControlKind = isOwn ? null : ControlKind.Random,
            ControlIndex = bottleneck.ControlIndex,
            Scalar = cell.Scalar,
            Metric = "em",
            Unit = ScoreUnit.Share,
            Jobs = cell.Jobs.ToDictionary(pair => pair.Key, pair => pair.Value.Id),
            Splits = new Dictionary<string, SplitScores> { ["selection"] = Scores(isOwn), ["test"] = Scores(isOwn) },
            ControlRank = isOwn && _hasControls ? _random.Next(1, 21) : null,
            ControlP = isOwn && _hasControls ? _random.NextDouble() : null,
            Controls = isOwn && _hasControls ? 20 : 0,
            FamilyP = isOwn ? _random.NextDouble() : null,
            Receipt = new ReceiptSummary
            {
                PositionsTouched = 12_345,
                OnTargetMinimum = _random.NextDouble(),
                OnTargetMaximum = 1,
                OffTargetDeviation = 0,
                RelativeChange = _random.NextDouble(),
                NextTokenKl = _random.NextDouble(),
                Fired = true,
                Inert = false,
            },
        };
    }

    private SplitScores Scores(bool isOwn)
    {
        var (before, effect) = (_random.NextDouble(), (_random.NextDouble() - 0.5) / 5);
        return new SplitScores
        {
            N = Resolved.Benchmarks[0].Items.Count,
            Groups = Resolved.Benchmarks[0].Items.Count,
            Baseline = before,
            Steered = before + effect,
            Effect = effect,
            SteeredLow = before - 0.05,
            SteeredHigh = before + 0.05,
            EffectLow = isOwn ? effect - 0.04 : null,
            EffectHigh = isOwn ? effect + 0.04 : null,
            P = _random.NextDouble(),
            RightToWrong = _random.Next(10),
            WrongToRight = _random.Next(10),
            LogLikelihoodEffect = _random.NextDouble() - 0.5,
            Metrics = new Dictionary<string, double> { ["contains"] = _random.NextDouble(), ["em"] = before + effect, ["f1"] = _random.NextDouble() },
        };
    }

    private SummaryRow Row(SummaryCell[] cells)
    {
        var (chosen, items) = (cells[cells.Length / 2], Resolved.Benchmarks[0].Items.Count);
        var scores = chosen.Splits["test"];
        return new SummaryRow
        {
            Model = chosen.Model,
            Benchmark = chosen.Benchmark,
            Bottleneck = chosen.Bottleneck,
            Recipe = "top 16 by variance",
            Metric = "em",
            Unit = ScoreUnit.Share,
            SelectionItems = items,
            TestItems = items,
            TestGroups = items,
            Scalar = chosen.Scalar,
            Baseline = scores.Baseline,
            Steered = scores.Steered,
            Effect = scores.Effect,
            EffectLow = scores.EffectLow,
            EffectHigh = scores.EffectHigh,
            P = scores.P,
            FamilyP = chosen.FamilyP,
            Verdict = chosen.FamilyP < 0.1 ? scores.Effect > 0 ? EffectVerdict.Better : EffectVerdict.Worse : EffectVerdict.Undecided,
            Selection = new SelectionGain { Unit = ScoreUnit.Share, Raw = scores.Effect, Corrected = scores.Effect / 2 },
            ControlRank = chosen.ControlRank,
            Controls = 20,
            ControlP = chosen.ControlP,
            ControlCorrectedP = chosen.ControlP,
            Comparisons = [new ControlComparison { Kind = ControlKind.Random, Sets = 20, Rank = chosen.ControlRank, P = chosen.ControlP, Effect = 0.01, BestEffect = 0.05 }],
            MinimumDetectableEffect = 0.05,
            TooFewItems = false,
            Diverged = 0,
            Receipt = chosen.Receipt,
        };
    }

    private static uint Mix(int value, uint salt)
    {
        var hash = ((uint)value + (salt * 0x9E3779B9)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
