using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports;

/// <summary>What a report says in sentences, alike in every format.</summary>
internal static class ReportText
{
    private const int MostNamed = 6;

    public static string Question(SweepReport report)
    {
        var bottlenecks = report.Resolved.Bottlenecks.Where(one => one.Role == BottleneckRole.Bottleneck).Select(one => one.Name).Distinct(StringComparer.Ordinal).ToArray();
        var benchmarks = report.Resolved.Benchmarks.Select(one => one.Name).ToArray();
        var beyond = report.Resolved.Bottlenecks.Any(one => one.Role == BottleneckRole.Control) ? ", and more than random channels do" : "";
        return $"Does steering {Counted(bottlenecks, "bottleneck", "bottlenecks")} change what {Counted([.. report.Resolved.Models.Select(model => model.Name)], "model", "models")} can do on {Counted(benchmarks, "benchmark", "benchmarks")}{beyond}?";
    }

    /// <summary>The answer before any detail.</summary>
    public static string Headline(SweepReport report)
    {
        var rows = report.Summary.Rows.Where(row => row.TestItems > 0).ToArray();
        if (rows.Length == 0)
            return "No test item has been measured yet.";
        var counts = ((EffectVerdict[])[EffectVerdict.Better, EffectVerdict.Worse, EffectVerdict.Equivalent, EffectVerdict.Undecided])
            .Select(verdict => $"{rows.Count(row => row.Verdict == verdict)} {ReportFigures.Verdict(verdict)}");
        return $"Of {rows.Length} comparisons (a bottleneck at its chosen scalar on a benchmark of a model, on test items): {string.Join(", ", counts)}. p-values and verdicts are corrected for all of them.";
    }

    /// <summary>One sentence a row that was found better or worse.</summary>
    public static IEnumerable<(SummaryRow Row, string Text)> Findings(SweepReport report) =>
        report.Summary.Rows.Where(row => row.Verdict is EffectVerdict.Better or EffectVerdict.Worse).Select(row => (row, Finding(row)));

    private static string Finding(SummaryRow row)
    {
        var verb = row.Verdict == EffectVerdict.Better ? "raises" : "lowers";
        var rank = row.ControlRank is null ? "" : $"; rank {ReportFigures.Rank(row)} among random controls by log-likelihood{(row.RankOnly ? " (too few for a p)" : $", corrected p {ReportFigures.P(row.ControlCorrectedP)}")}";
        var harm = row.PerplexityChange is { } change ? $"; perplexity of plain text {ReportFigures.Change(change)}" : "";
        return $"{row.Bottleneck} ×{ReportFigures.Scalar(row.Scalar)} {verb} {row.Benchmark} of {row.Model} from {ReportFigures.Score(row.Unit, row.Baseline)} to {ReportFigures.Score(row.Unit, row.Steered)} {(row.Unit == ScoreUnit.Share ? "%" : "nats")}: "
            + $"{ReportFigures.Effect(row.Unit, row.Effect)} {ReportFigures.UnitOf(row.Unit)} (95 % interval {ReportFigures.Interval(row.Unit, row.EffectLow, row.EffectHigh)}), corrected p {ReportFigures.P(row.FamilyP)}{rank}{harm}.";
    }

    /// <summary>How a benchmark was measured.</summary>
    public static string Measured(BenchmarkReport benchmark, SmallestEffectPlan smallest)
    {
        var baseline = benchmark.Baseline.Splits.GetValueOrDefault("test");
        if (benchmark.Baseline.Unit == ScoreUnit.NatsAToken)
            return string.Create(CultureInfo.InvariantCulture, $"Perplexity of plain text, unsteered {ReportFigures.Perplexity(baseline?.Perplexity)} on {baseline?.N ?? 0} test texts. It has no row of its own: its changes stand beside the gains.");
        var wilson = baseline is { SteeredLow: { } low, SteeredHigh: { } high } ? $" (95 % interval {ReportFigures.Score(ScoreUnit.Share, low)} to {ReportFigures.Score(ScoreUnit.Share, high)})" : "";
        var chance = benchmark.Chance is { } guess ? $" Guessing scores {ReportFigures.Score(ScoreUnit.Share, guess)} %." : "";
        var row = benchmark.Effects.Select(effect => effect.Row).FirstOrDefault();
        var detectable = benchmark.Effects.Select(effect => effect.Row.MinimumDetectableEffect).Max() is { } mde ? $" Effects below {ReportFigures.Score(ScoreUnit.Share, mde)} points could have been missed (80 % power, the least certain row)." : "";
        return $"{ReportFigures.Metric(benchmark.Baseline.Metric)}{(benchmark.Baseline.Unit == ScoreUnit.Share ? " in percent" : ", nats an item")}, unsteered {(baseline is null ? ReportFigures.None : ReportFigures.Score(benchmark.Baseline.Unit, baseline.Baseline))}{wilson}. "
            + $"{Chosen(row, row?.TestItems ?? baseline?.N ?? 0)} in {row?.TestGroups ?? baseline?.Groups ?? 0} groups. Smallest effect of interest: {ReportFigures.Smallest(smallest, benchmark.Baseline.Unit)}.{chance}{detectable}";
    }

    private static string Chosen(SummaryRow? row, int testItems) => row switch
    {
        { CrossFit: { } folds } => $"Cross-fitted: each of {folds.Folds.Count} folds is reported at the scalar that is best on the others (at least {row.SelectionItems} items), {testItems} items",
        { Tried: not null, SelectionItems: 0 } => $"Scalars chosen on items of the other benchmarks, reported on {testItems} of this one",
        _ => $"Scalars chosen on {row?.SelectionItems ?? 0} items, reported on {testItems} others",
    };

    public static string Remarks(EffectReport effect)
    {
        var row = effect.Row;
        var remarks = new List<string>();
        if (effect.IsBaseline)
            remarks.Add("selection chose no steering: equivalent by construction");

        // Whatever was found was found: the remark is about effects that this many items would have missed.
        if (row is { TooFewItems: true, EffectLow: null or <= 0, EffectHigh: null or >= 0 })
            remarks.Add("too few items");
        if (row.Reshuffling)
            remarks.Add("reshuffling: the score rises while the gold's log-likelihood falls");
        if (row.CrossFit is { } folds)
            remarks.Add($"cross-fitted: {string.Join(", ", folds.Folds.GroupBy(fold => fold.Scalar).OrderByDescending(ofOne => ofOne.Count()).ThenBy(ofOne => ofOne.Key).Select(ofOne => $"×{ReportFigures.Scalar(ofOne.Key)} in {ofOne.Count()} of {folds.Folds.Count} folds"))}");
        if (row.Selection is { } gain && row.Verdict == EffectVerdict.Better)
            remarks.Add($"{(row.CrossFit is null ? "on the selection split" : "where it was chosen")} {ReportFigures.Effect(gain.Unit, gain.Raw)} {ReportFigures.UnitOf(gain.Unit)}, cross-fitted {ReportFigures.Effect(gain.Unit, gain.Corrected)}");
        if (row.Flips > 0)
            remarks.Add($"{row.Flips} items flip by packing alone");
        if (row.WithinNoise == true)
            remarks.Add("effect within packing noise");
        if (row.Diverged > 0)
            remarks.Add($"{row.Diverged} items diverged at some scalar");
        if (row.Receipt is { Fired: false })
            remarks.Add("did not fire: its receipt does not show the planned intervention; do not use it");
        if (row.Receipt is { Fired: true, Inert: true })
            remarks.Add("inert: no log-likelihood moved");
        return string.Join("; ", remarks);
    }

    public static string Hypothesis(HypothesisPlan hypothesis)
    {
        var claim = hypothesis.Against == PlanWords.OfControls ? "beats all but one in twenty random controls" : $"{hypothesis.Direction}{(hypothesis.Than is { } than ? $" than {Counted([.. than], "bottleneck", "bottlenecks")}" : "")}";
        var details = new List<string> { $"{hypothesis.Bottleneck}: {claim}" };
        if (hypothesis.Metric is { } metric)
            details.Add($"by {ReportFigures.Metric(metric)}");
        if (hypothesis.Scalar is { } scalar)
            details.Add($"at ×{ReportFigures.Scalar(scalar)}");
        if (hypothesis.Chosen is { } chosen)
            details.Add($"with ×{ReportFigures.Scalar(chosen)} chosen");
        if (hypothesis.SmallestEffect is { } smallest)
            details.Add($"by at least {ReportFigures.Smallest(smallest, ScoreUnit.Share)} or {ReportFigures.Smallest(smallest, ScoreUnit.NatsAnItem)}");
        return string.Join(", ", details);
    }

    /// <summary>A part of a hypothesis in a few words.</summary>
    public static string Part(HypothesisPart part) =>
        $"{part.Model}, {part.Benchmark}{(part.Than is null ? "" : $", than {part.Than}")}: {Outcome(part.Outcome)} ({ReportFigures.Effect(part.Unit, part.Effect)} {ReportFigures.UnitOf(part.Unit)}, corrected p {ReportFigures.P(part.P)}, ×{ReportFigures.Scalar(part.Scalar)}{(part.Reason is null ? "" : $"; {part.Reason}")})";

    public static string Outcome(HypothesisOutcome outcome) => outcome.ToString().ToLowerInvariant();

    /// <summary>The bottlenecks to add to a plan so that it measures a winner where it was not: in the prompt, or in what is generated, alone.</summary>
    public static string PositionsPlan(SweepReport report, EffectReport effect)
    {
        var row = effect.Row;
        var model = report.Resolved.Models.Index().First(pair => pair.Item.Name == row.Model).Index;
        var own = report.Resolved.Bottlenecks.First(one => one.Model == model && one.Role == BottleneckRole.Bottleneck && one.Name == row.Bottleneck);
        var lines = new List<string>();
        foreach (var positions in effect.Positions.Where(one => one.Scores is null).Select(one => one.Positions.ToLowerInvariant()))
        {
            var parts = own.Interventions.Select(one => string.Create(
                CultureInfo.InvariantCulture, $"{{ layer: {one.Layer}, site: {one.Site}, operation: {JsonNamingPolicy.SnakeCaseLower.ConvertName(one.Operation)}, positions: {positions}, channels: [{string.Join(", ", one.Channels)}]{Values(one.Operation, one.Values)} }}"));
            var scalars = row.Scalar is { } scalar ? string.Create(CultureInfo.InvariantCulture, $", scalars: [{scalar:R}]") : "";
            lines.Add($"  - {{ name: {JsonSerializer.Serialize($"{row.Bottleneck}, {positions} only", SweepJson.Options)}{scalars}, parts: [{string.Join(", ", parts)}] }}");
        }

        return string.Join('\n', lines);

        static string Values(string operation, IReadOnlyList<double>? values) =>
            operation == "Add" && values is not null ? $", values: [{string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]" : "";
    }

    public static string Positions(PositionEffect effect) => effect.Positions == "Prompt" ? "prompt only" : "generated only";

    /// <summary>The plan as it was submitted, unless it was changed on the way (by --items): then as it was run.</summary>
    public static (string Text, bool IsChanged) Plan(SweepReport report)
    {
        try
        {
            if (SweepIds.Of(PlanReader.Read(report.Sweep.PlanText, "plan")) == report.Sweep.Id)
                return (report.Sweep.PlanText.Trim('\n'), false);
        }
        catch (InvalidPlanException)
        {
            // A template's text, or another version's: the record is what counts.
        }

        return (JsonSerializer.Serialize(report.Sweep.Plan, SweepJson.Indented), true);
    }

    /// <summary>One a measure of every cell of the report's tables, the baselines among them.</summary>
    public static IEnumerable<(BenchmarkReport Benchmark, SummaryCell Cell, string Measure, string Command)> Replays(SweepReport report)
    {
        foreach (var benchmark in report.Benchmarks)
        {
            foreach (var cell in benchmark.Cells.Prepend(benchmark.Baseline))
            {
                foreach (var (measure, job) in cell.Jobs.OrderBy(pair => pair.Key))
                    yield return (benchmark, cell, ReportFigures.Metric(JsonNamingPolicy.SnakeCaseLower.ConvertName(measure.ToString())), $"sweep replay {job.Value[..16]}");
            }
        }
    }

    public static IReadOnlyList<(string What, string Value)> Costs(SweepReport report) =>
    [
        ("device-seconds", report.Cost.DeviceSeconds.ToString("#,0.0", CultureInfo.InvariantCulture)),
        ("item rows", ReportFigures.Whole(report.Cost.Rows)),
        ("tokens", ReportFigures.Whole(report.Cost.Tokens)),
        ("attempts", ReportFigures.Whole(report.Cost.Attempts)),
        ("late writes refused", ReportFigures.Whole(report.Cost.LateWrites)),
        .. Search(report.Summary.Search),
    ];

    /// <summary>What a search tried and saved, counted over all its stages; what stands above is of the last one.</summary>
    private static IEnumerable<(string What, string Value)> Search(SearchRecord? search)
    {
        if (search is null)
            yield break;
        yield return ("search", SearchNote.Of(search));
        foreach (var (number, round) in (search.Rounds ?? []).Index())
            yield return ($"round {number + 1}", $"{SearchNote.Of(round)} ({round.Stage})");
    }

    /// <summary>Of a row after rounds of a search: every scalar that was tried, ascending, with the items that it was run on and its effect there.</summary>
    public static IReadOnlyList<(string Scalar, string Items, string Effect, string Fate)> Trials(SummaryRow row) =>
    [
        .. (row.Trials ?? []).OrderBy(trial => trial.Scalar).Select(trial => (
            ReportFigures.Scalar(trial.Scalar),
            ReportFigures.Whole(trial.Items),
            trial.Effect is { } effect ? ReportFigures.Effect(UnitOfChoice(row), effect) : "diverged",
            trial.Scalar == row.Scalar ? "chosen" : trial.DroppedAfter is { } round ? string.Create(CultureInfo.InvariantCulture, $"dropped after round {round}") : "not chosen")),
    ];

    /// <summary>What scalars are chosen by: log-likelihoods where golds have them.</summary>
    private static ScoreUnit UnitOfChoice(SummaryRow row) => row.Selection?.Unit ?? (row.LogLikelihoodEffect is null ? row.Unit : ScoreUnit.NatsAnItem);

    /// <summary>What stands above them.</summary>
    public static string TrialsCaption(SummaryRow row) =>
        $"Scalars of {row.Bottleneck} that the search tried on the selection split, effects in {ReportFigures.UnitOf(UnitOfChoice(row))}: dropping one saved time and is no finding";

    public static IReadOnlyList<(string What, string Value)> Provenance(SweepReport report) =>
    [
        ("sweep", report.Sweep.Id),
        ("state", $"{report.Sweep.State.ToString().ToLowerInvariant()}{(report.Sweep.Reason is null ? "" : $" ({report.Sweep.Reason})")}"),
        ("submitted", Time(report.Sweep.SubmittedAt)),
        .. report.Sweep.FinishedAt is { } finished ? ((string, string)[])[("finished", Time(finished))] : [],
        ("device and engine", report.Resolved.NumericsId),
        ("precision", report.Sweep.Plan.Precision),
        ("seed", report.Sweep.Plan.Seed.ToString(CultureInfo.InvariantCulture)),
        .. report.Resolved.Models.SelectMany(model => ((string, string)[])
        [
            ($"model {model.Name}", string.Create(CultureInfo.InvariantCulture, $"{model.ModelType}, {model.Layers} layers, width {model.DModel}, {model.Parameters:#,0} parameters{(model.MixerNormGroups is { } groups ? $", norm in the mixer over {groups} groups" : "")}{string.Concat(model.Notes?.Select(note => $"; {note}") ?? [])}")),
            .. model.Hub is { } hub ? ((string, string)[])[($"model {model.Name}, from", $"{hub.Endpoint}, {hub.Repository}@{hub.Revision}, commit {hub.Commit}")] : [],
            ($"model {model.Name}, weights", model.WeightsHash),
            ($"model {model.Name}, tokenizer", model.TokenizerHash),
        ]),
        .. report.Resolved.Benchmarks.Select(one => ($"benchmark {one.Name}, data", $"{one.DataHash} ({one.Kind}, prompt {one.PromptVersion}, metric {one.MetricVersion}, {one.Items.Count} items)")),
    ];

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Counted(string[] names, string one, string several) => names.Length switch
    {
        1 => $"the {one} {names[0]}",
        <= MostNamed => $"the {several} {string.Join(", ", names[..^1])} and {names[^1]}",
        _ => $"{names.Length} {several}",
    };
}
