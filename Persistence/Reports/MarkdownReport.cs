using System.Text;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports;

/// <summary>The report as Markdown with tables, for an issue or a notebook. Names and responses are escaped: none can become a link, a table cell or HTML.</summary>
internal static class MarkdownReport
{
    private const string Special = "\\`*_{}[]()#+-!|~$^:@";

    public static string Write(SweepReport report)
    {
        var text = new StringBuilder();
        text.Append($"# {Escape(report.Sweep.Plan.Name)}\n\n{Escape(ReportText.Question(report))}\n\n## Answer\n\n**{Escape(ReportText.Headline(report))}**\n\n");
        foreach (var (row, finding) in ReportText.Findings(report))
            text.Append($"- **{ReportFigures.Verdict(row.Verdict)}**: {Escape(finding)}\n");
        Hypotheses(text, report);
        foreach (var benchmark in report.Benchmarks)
            Benchmark(text, report, benchmark);
        text.Append("\n## Costs\n\n");
        Table(text, ["", ""], ReportText.Costs(report).Select(pair => (string[])[pair.What, pair.Value]));
        text.Append("\n## Provenance\n\n");
        Table(text, ["", ""], ReportText.Provenance(report).Select(pair => (string[])[pair.What, pair.Value]));
        var (plan, isChanged) = ReportText.Plan(report);
        text.Append($"\n## Reproduce\n\nThe plan as it was {(isChanged ? "run" : "submitted")}; `sweep run PLAN` with files of these hashes gives the sweep the same id.\n\n");
        foreach (var line in plan.Split('\n'))
            text.Append($"    {line.TrimEnd('\r')}\n");
        text.Append("\nOne command a table cell:\n\n");
        Table(text, ["model", "benchmark", "bottleneck", "scalar", "measure", "command"], ReportText.Replays(report).Select(one => (string[])
            [one.Benchmark.Model.Name, one.Benchmark.Benchmark.Name, one.Cell.Bottleneck, one.Cell == one.Benchmark.Baseline ? "" : ReportFigures.Scalar(one.Cell.Scalar), one.Measure, one.Command]));
        return text.ToString();
    }

    /// <summary>Plain text as Markdown that shows it.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                '\r' or '\n' => escaped.Append(' '),
                _ when Special.Contains(letter, StringComparison.Ordinal) => escaped.Append('\\').Append(letter),
                _ => escaped.Append(letter),
            };
        }

        return escaped.ToString();
    }

    private static void Hypotheses(StringBuilder text, SweepReport report)
    {
        if (report.Summary.Hypotheses is not { } hypotheses)
            return;
        text.Append("\n### Hypotheses of the plan\n\n");
        Table(text, ["hypothesis", "claim", "outcome", "because"], hypotheses.Select(one => (string[])
            [$"{one.Hypothesis.Name}: {one.Hypothesis.Statement}", ReportText.Hypothesis(one.Hypothesis), ReportText.Outcome(one.Outcome), one.Parts.Count == 0 ? "nothing of it was measured" : string.Join("; ", one.Parts.Select(ReportText.Part))]));
    }

    private static void Benchmark(StringBuilder text, SweepReport report, BenchmarkReport benchmark)
    {
        text.Append($"\n## {Escape(benchmark.Model.Name)}: {Escape(benchmark.Benchmark.Name)}\n\n{Escape(ReportText.Measured(benchmark, report.SmallestEffect))}\n\n");
        if (benchmark.Effects.Count > 0)
        {
            Table(
                text,
                ["bottleneck", "scalar", "score", "effect", "95 % interval", "p", "p family", "verdict", "ΔLL", "rank", "p rank", "perplexity", "controls lie in", "remarks"],
                benchmark.Effects.Select(effect => Effect(benchmark, effect)));
        }

        ByScalar(text, benchmark);
        if (benchmark.Responses is { } baseline)
        {
            text.Append("\nResponses:\n\n");
            Table(text, ["bottleneck", "words", "characters", "empty", "repeated", "cut", "context cut"], benchmark.Effects
                .Where(effect => effect.Responses is not null).Select(effect => ($"{effect.Row.Bottleneck} ×{ReportFigures.Scalar(effect.Row.Scalar)}", effect.Responses!)).Prepend(("baseline", baseline))
                .Select(pair => Responses(pair.Item1, pair.Item2)));
        }

        foreach (var effect in benchmark.Effects)
        {
            Positions(text, report, effect);
            Trials(text, effect.Row);
            Flips(text, effect);
        }
    }

    private static void Trials(StringBuilder text, SummaryRow row)
    {
        if (row.Trials is not { Count: > 0 })
            return;
        text.Append($"\n{Escape(ReportText.TrialsCaption(row))}:\n\n");
        Table(text, ["scalar", "items", "effect", "then"], ReportText.Trials(row).Select(trial => (string[])[trial.Scalar, trial.Items, trial.Effect, trial.Fate]));
    }

    private static string[] Effect(BenchmarkReport benchmark, EffectReport effect)
    {
        var row = effect.Row;
        return
        [
            row.Bottleneck, ReportFigures.Scalar(row.Scalar), ReportFigures.Score(row.Unit, row.Steered), ReportFigures.Effect(row.Unit, row.Effect), ReportFigures.Interval(row.Unit, row.EffectLow, row.EffectHigh),
            ReportFigures.P(row.P), ReportFigures.P(row.FamilyP), ReportFigures.Verdict(row.Verdict), ReportFigures.Nats(row.LogLikelihoodEffect), ReportFigures.Rank(row), ReportFigures.RankP(row), ReportFigures.Change(row.PerplexityChange),
            benchmark.Bands.TryGetValue((row.Bottleneck, row.Scalar), out var band) ? ReportFigures.Interval(row.Unit, band.Lowest, band.Highest) : ReportFigures.None, ReportText.Remarks(effect),
        ];
    }

    private static void ByScalar(StringBuilder text, BenchmarkReport benchmark)
    {
        double[] scalars = [.. benchmark.Cells.Where(cell => cell.Scalar is not null).Select(cell => cell.Scalar!.Value).Distinct().Order()];
        if (scalars.Length == 0)
            return;
        text.Append(benchmark.Baseline.Unit == ScoreUnit.NatsAToken ? "\nPerplexity by scalar, test split:\n\n" : $"\nEffect in {ReportFigures.UnitOf(benchmark.Baseline.Unit)} by scalar, test split:\n\n");
        Table(text, ["bottleneck", .. scalars.Select(scalar => $"×{ReportFigures.Scalar(scalar)}")], benchmark.Cells.Where(cell => cell.Scalar is not null).GroupBy(cell => cell.Bottleneck).Select(row =>
        {
            var byScalar = row.ToDictionary(cell => cell.Scalar!.Value);
            return (string[])[row.Key, .. scalars.Select(scalar => byScalar.GetValueOrDefault(scalar)?.Splits.GetValueOrDefault("test") is { N: > 0 } scores
                ? benchmark.Baseline.Unit == ScoreUnit.NatsAToken ? ReportFigures.Perplexity(scores.Perplexity) : ReportFigures.Effect(benchmark.Baseline.Unit, scores.Effect)
                : "")];
        }));
    }

    private static string[] Responses(string name, ResponseFigures figures)
    {
        string Share(int count) => ReportFigures.Percent((double)count / figures.Items);
        return [name, ReportFigures.Mean(figures.Words), ReportFigures.Mean(figures.Characters), Share(figures.Empty), Share(figures.Repeated), Share(figures.Cut), Share(figures.ContextCut)];
    }

    private static void Positions(StringBuilder text, SweepReport report, EffectReport effect)
    {
        if (effect.Positions.Count == 0)
            return;
        var row = effect.Row;
        text.Append($"\nWhere {Escape(row.Bottleneck)} ×{ReportFigures.Scalar(row.Scalar)} acts:\n\n");
        Table(text, ["positions", "effect", "95 % interval"], effect.Positions
            .Select(one => (string[])[ReportText.Positions(one), one.Scores is { } scores ? ReportFigures.Effect(row.Unit, scores.Effect) : "not measured", one.Scores is { } found ? ReportFigures.Interval(row.Unit, found.EffectLow, found.EffectHigh) : ""])
            .Prepend(["all", ReportFigures.Effect(row.Unit, row.Effect), ReportFigures.Interval(row.Unit, row.EffectLow, row.EffectHigh)]));
        if (effect.Positions.Any(one => one.Scores is null))
            text.Append($"\nThese bottlenecks, added to the plan, measure it:\n\n{string.Join('\n', ReportText.PositionsPlan(report, effect).Split('\n').Select(line => $"    {line}"))}\n");
    }

    private static void Flips(StringBuilder text, EffectReport effect)
    {
        if (effect.Better.Count + effect.Worse.Count == 0)
            return;
        text.Append($"\nItems that changed with {Escape(effect.Row.Bottleneck)} ×{ReportFigures.Scalar(effect.Row.Scalar)}: {effect.Better.Count} higher, {effect.Worse.Count} lower\n\n");
        Table(text, ["item", "score", "unsteered response", "steered response"], effect.Better.Shown.Concat(effect.Worse.Shown).Select(flip => (string[])
            [flip.Item, $"{ReportFigures.Score(ScoreUnit.Share, flip.Before)} to {ReportFigures.Score(ScoreUnit.Share, flip.After)}", flip.Baseline ?? "(choices)", flip.Steered ?? "(choices)"]));
    }

    private static void Table(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        text.Append($"| {string.Join(" | ", header.Select(Escape))} |\n|{string.Concat(header.Select(_ => "---|"))}\n");
        foreach (var row in rows)
            text.Append($"| {string.Join(" | ", row.Select(Escape))} |\n");
    }
}
