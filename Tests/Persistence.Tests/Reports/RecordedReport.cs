using System.Text;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Tests.Stores;

namespace Sweep.Persistence.Tests.Reports;

/// <summary>A small recorded sweep with a winner: a generated benchmark of three test items, a bottleneck at two scalars and in the prompt alone, and what its summary says.</summary>
internal sealed class RecordedReport
{
    public const string Hostile = "</td><script>alert(1)</script><img src=x onerror=alert(2)>&\"'|`\u202E\0\nend";

    private static readonly InterventionSpec Open = new() { Layer = 1, Site = "MixerOutput", Operation = "Scale", Positions = "All", Channels = [1, 2] };

    /// <summary>As it is called everywhere.</summary>
    public string Bottleneck { get; init; } = "b";

    public string Statement { get; init; } = "it helps";

    /// <summary>What the model answers when it is steered.</summary>
    public string Response { get; init; } = "right";

    /// <summary>Another bottleneck steers the same channels in the prompt alone.</summary>
    public bool WithPrompt { get; init; }

    /// <summary>The row's scalar was found by a search in rounds.</summary>
    public SearchRecord? Search { get; init; }

    /// <summary>Each item is a fold of its own, and item-1 is reported without steering.</summary>
    public bool IsFolded { get; init; }

    public ResolvedPlan Resolved => Rows.Resolved with
    {
        Benchmarks =
        [
            Rows.Resolved.Benchmarks[0] with
            {
                Measures = [Measure.Generation], MaxNewTokens = 4,
                Items = [.. Rows.Resolved.Benchmarks[0].Items.Select((item, fold) => IsFolded ? item with { Fold = fold } : item)],
            },
        ],
        Bottlenecks =
        [
            Of(Bottleneck, Open),
            .. WithPrompt ? (ResolvedBottleneck[])[Of("in the prompt", Open with { Positions = "Prompt" })] : [],
            .. Enumerable.Range(0, 2).Select(index => Of(Bottleneck, Open with { Channels = [3, 4 + index] }) with { Role = BottleneckRole.Control, Kind = ControlKind.Random, ControlIndex = index }),
        ],
    };

    /// <summary>Fills the store and draws the report from it.</summary>
    public async Task<SweepReport> ReadAsync(ISweepStore store, CancellationToken cancellationToken)
    {
        var jobs = PlanExpander.Jobs(Rows.Plan, Resolved).Select(pair => pair.Job).ToArray();
        await store.SubmitAsync(Rows.SweepId, Rows.Plan, "name: small", cancellationToken);
        await store.SaveResolutionAsync(Rows.SweepId, Resolved, cancellationToken);
        await store.AddJobsAsync(Rows.SweepId, [.. jobs.Select((job, ordinal) => new SweepJob { Ordinal = ordinal, Job = job, Benchmark = 0 })], cancellationToken);
        var batch = Rows.Batch with { Jobs = jobs, MicroBatches = [new MicroBatch { FirstItem = 0, ItemCount = 3, FirstJob = 0, JobCount = jobs.Length }] };
        await store.AddBatchesAsync([batch], cancellationToken);
        var lease = (await store.TryGrantAsync(batch.Id, 0, "w", 30, cancellationToken))!;
        await store.RecordAsync(lease, Rows.Micro([.. jobs.SelectMany(job => Enumerable.Range(0, 3).Select(item => Row(job, item)))]), cancellationToken);
        var sweep = (await store.FindSweepAsync(Rows.SweepId, cancellationToken))!;
        return await ReportReader.ReadAsync(store, sweep, Resolved, Summary(), cancellationToken);
    }

    public SweepSummary Summary()
    {
        var cells = PlanExpander.Cells(Rows.Plan, Resolved).Select(Cell).ToArray();
        return new SweepSummary
        {
            SweepId = Rows.SweepId,
            Name = "small",
            Rows = [Row()],
            Search = Search,
            Cells = cells,
            Hypotheses =
            [
                new HypothesisResult
                {
                    Hypothesis = new HypothesisPlan { Name = "h1", Statement = Statement, Bottleneck = Bottleneck, Direction = "better" },
                    Outcome = HypothesisOutcome.Confirmed,
                    Parts = [new HypothesisPart { Model = "m", Benchmark = "squad", Outcome = HypothesisOutcome.Confirmed, Unit = ScoreUnit.Share, Effect = 0.6667, P = 0.03, Scalar = 0.5 }],
                },
            ],
        };
    }

    private static ResolvedBottleneck Of(string name, InterventionSpec open) =>
        new() { Model = 0, Name = name, Role = BottleneckRole.Bottleneck, Recipe = "explicit", Scalars = [0.5, 1], Interventions = [open] };

    private SummaryRow Row() => new()
    {
        Model = "m",
        Benchmark = "squad",
        Bottleneck = Bottleneck,
        Recipe = "explicit",
        Metric = "em",
        Unit = ScoreUnit.Share,
        SelectionItems = 5,
        TestItems = 3,
        TestGroups = 3,
        Scalar = 0.5,
        Baseline = 0.3333,
        Steered = 0.6789,
        Effect = 0.3456,
        EffectLow = 0.1234,
        EffectHigh = 0.5678,
        P = 0.0123,
        FamilyP = 0.0341,
        Verdict = EffectVerdict.Better,
        ControlRank = 1,
        Controls = 2,
        RankOnly = true,
        PerplexityChange = 0.0456,
        Trials = Search is null
            ? null
            : [new ScalarTrial { Scalar = 2, DroppedAfter = 1, Items = 8 }, new ScalarTrial { Scalar = 3, DroppedAfter = 2, Items = 16, Effect = -0.25 }, new ScalarTrial { Scalar = 0.5, Items = 32, Effect = 0.125 }],
        TooFewItems = false,
        Diverged = 0,
        CrossFit = !IsFolded ? null : new CrossFitResult
        {
            Folds = [.. Enumerable.Range(0, 3).Select(fold => new FoldScalar { Scalar = fold == 1 ? 1 : 0.5, SelectionItems = 2, TestItems = 1, TestGroups = 1 })],
            Agreeing = 2,
            Widening = 1.25,
            Scores = new() { N = 3, Groups = 3, Baseline = 0.3333, Steered = 0.6789, Effect = 0.3456, RightToWrong = 1, WrongToRight = 1, Metrics = new Dictionary<string, double> { ["em"] = 0.4444 } },
        },
    };

    private SummaryCell Cell(SweepCell cell)
    {
        var bottleneck = cell.Bottleneck is { } index ? Resolved.Bottlenecks[index] : null;
        var effect = bottleneck is null || cell.Scalar == 1 ? 0 : bottleneck.ControlIndex is { } control ? -0.05 + (0.1 * control) : bottleneck.Name == Bottleneck ? 0.3456 : 0.2341;
        return new SummaryCell
        {
            Model = "m",
            Benchmark = "squad",
            Bottleneck = bottleneck?.Name ?? "baseline",
            ControlKind = bottleneck?.Kind,
            ControlIndex = bottleneck?.ControlIndex,
            Scalar = cell.Scalar,
            Metric = "em",
            Unit = ScoreUnit.Share,
            Jobs = cell.Jobs.ToDictionary(pair => pair.Key, pair => pair.Value.Id),
            Splits = new Dictionary<string, SplitScores>
            {
                ["test"] = new() { N = 3, Groups = 3, Baseline = 0.3333, Steered = 0.3333 + effect, Effect = effect, RightToWrong = 1, WrongToRight = 2, Metrics = new Dictionary<string, double> { ["em"] = 0.3333 + effect } },
            },
        };
    }

    /// <summary>Item 0 is right before and wrong after, the others the other way round.</summary>
    private ItemResult Row(JobSpec job, int item)
    {
        var isSteered = job.Identity.Interventions is [{ Channels: [1, 2], Positions: "All" }];
        return new ItemResult
        {
            JobId = job.Id,
            ItemId = $"item-{item}",
            PromptHash = "0123456789abcdef",
            Response = Encoding.UTF8.GetBytes(isSteered ? Response : item == 2 ? "" : "one two one two one two"),
            Metrics = new Dictionary<string, double> { ["em"] = isSteered == item > 0 ? 1 : 0 },
            Flags = isSteered ? ItemFlags.GenerationTruncated : ItemFlags.None,
            Receipt = new ReceiptRow { PositionsTouched = 1 },
        };
    }
}
