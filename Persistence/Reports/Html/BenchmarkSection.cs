using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports.Html;

/// <summary>One benchmark of one model: figures, the table of effects, what the responses look like and which items changed.</summary>
internal static class BenchmarkSection
{
    public static Markup Draw(SweepReport report, BenchmarkReport benchmark, int index)
    {
        var unit = benchmark.Baseline.Unit;
        var smallest = unit == ScoreUnit.Share ? report.SmallestEffect.Points / 100 : report.SmallestEffect.Nats;
        return Markup.Of($"""
            <section aria-labelledby="b{index}"><h3 id="b{index}">{benchmark.Benchmark.Name} <span class="soft small">on {benchmark.Model.Name}</span></h3>
            <p class="soft">{ReportText.Measured(benchmark, report.SmallestEffect)}</p>
            {(benchmark.Effects.Count == 0 ? Markup.Empty : Markup.Of($"""<figure>{EffectPlot.Draw(benchmark, smallest)}<figcaption>Effects at the chosen scalars with 95 % intervals. Grey zone: smaller than the smallest effect of interest.{Banded(benchmark)}</figcaption></figure>{Effects(benchmark)}"""))}
            {(unit == ScoreUnit.NatsAToken ? Markup.Empty : Markup.Of($"""<figure>{ScalarPlot.Draw(benchmark)}<figcaption>Effect on the test split by scalar.{Banded(benchmark)}</figcaption></figure>"""))}
            {HeatTable.Draw(benchmark)}{Responses(benchmark)}{Positions(report, benchmark)}{TrialTable.Draw(benchmark)}{Flips(benchmark)}{Controls(benchmark)}</section>
            """);
    }

    private static string Banded(BenchmarkReport benchmark) =>
        benchmark.Bands.Count == 0 ? "" : $" Violet: the {benchmark.Bands.Values.Max(band => band.Sets)} random control sets at the same scalar.";

    private static Markup Effects(BenchmarkReport benchmark) => Markup.Of($"""
        <div class="scroll"><table><caption>Effects on the test split</caption><thead><tr><th scope="col">bottleneck</th><th scope="col">scalar</th><th scope="col">score</th><th scope="col">effect</th><th scope="col">95 % interval</th><th scope="col">p</th><th scope="col">p family</th><th scope="col" class="text">verdict</th><th scope="col">ΔLL</th><th scope="col">rank</th><th scope="col">p rank</th><th scope="col">perplexity</th></tr></thead><tbody>
        {benchmark.Effects.Select(Effect)}
        </tbody></table></div>
        """);

    private static Markup Effect(EffectReport effect)
    {
        var row = effect.Row;
        var remarks = ReportText.Remarks(effect);
        var harm = row is { PerplexityLow: { } low, PerplexityHigh: { } high } ? Markup.Of($"""<br/><span class="soft small">{ReportFigures.Change(low)} to {ReportFigures.Change(high)}</span>""") : Markup.Empty;
        return Markup.Of($"""
            <tr><th scope="row">{row.Bottleneck}<br/><span class="soft small">{row.Recipe}{(remarks.Length == 0 ? "" : $"; {remarks}")}</span></th><td>{ReportFigures.Scalar(row.Scalar)}</td><td>{ReportFigures.Score(row.Unit, row.Steered)}</td><td>{ReportFigures.Effect(row.Unit, row.Effect)}</td><td class="nowrap">{ReportFigures.Interval(row.Unit, row.EffectLow, row.EffectHigh)}</td><td>{ReportFigures.P(row.P)}</td><td>{ReportFigures.P(row.FamilyP)}</td><td class="text {ReportFigures.Verdict(row.Verdict)}">{ReportFigures.Verdict(row.Verdict)}</td><td>{ReportFigures.Nats(row.LogLikelihoodEffect)}</td><td class="nowrap">{ReportFigures.Rank(row)}</td><td class="nowrap">{ReportFigures.RankP(row)}</td><td class="nowrap">{ReportFigures.Change(row.PerplexityChange)}{harm}</td></tr>
            """);
    }

    private static Markup Responses(BenchmarkReport benchmark)
    {
        if (benchmark.Responses is not { } baseline)
            return Markup.Empty;
        string[] metrics = [.. (benchmark.Baseline.Splits.GetValueOrDefault("test")?.Metrics ?? new Dictionary<string, double>()).Keys.Order(StringComparer.Ordinal)];
        return Markup.Of($"""
            <div class="scroll"><table><caption>What the responses look like, steered against baseline, {baseline.Items} test items</caption><thead><tr><th scope="col">bottleneck</th>{metrics.Select(metric => Markup.Of($"""<th scope="col">{ReportFigures.Metric(metric)} %</th>"""))}<th scope="col">words</th><th scope="col">characters</th><th scope="col">empty</th><th scope="col">repeated</th><th scope="col">cut</th><th scope="col">context cut</th></tr></thead><tbody>
            {Row("baseline", benchmark.Baseline.Splits["test"], baseline)}{benchmark.Effects.Where(effect => effect.Responses is not null).Select(effect => Row($"{effect.Row.Bottleneck} ×{ReportFigures.Scalar(effect.Row.Scalar)}", effect.Scores!, effect.Responses!))}
            </tbody></table></div>
            """);

        Markup Row(string name, SplitScores scores, ResponseFigures figures) => Markup.Of($"""
            <tr><th scope="row">{name}</th>{metrics.Select(metric => Markup.Of($"<td>{(scores.Metrics?.TryGetValue(metric, out var value) == true ? ReportFigures.Score(ScoreUnit.Share, value) : ReportFigures.None)}</td>"))}<td>{ReportFigures.Mean(figures.Words)}</td><td>{ReportFigures.Mean(figures.Characters)}</td><td>{Share(figures.Empty, figures)}</td><td>{Share(figures.Repeated, figures)}</td><td>{Share(figures.Cut, figures)}</td><td>{Share(figures.ContextCut, figures)}</td></tr>
            """);

        static string Share(int count, ResponseFigures figures) => ReportFigures.Percent((double)count / figures.Items);
    }

    private static Markup Positions(SweepReport report, BenchmarkReport benchmark) => Markup.Join(benchmark.Effects.Where(effect => effect.Positions.Count > 0).Select(effect =>
    {
        var missing = effect.Positions.Any(one => one.Scores is null);
        var row = effect.Row;
        return Markup.Of($"""
            <div class="key"><h4>Where {row.Bottleneck} ×{ReportFigures.Scalar(row.Scalar)} acts</h4><table><thead><tr><th scope="col">positions</th><th scope="col">effect</th><th scope="col">95 % interval</th><th scope="col">ΔLL</th></tr></thead><tbody>
            <tr><th scope="row">all</th><td>{ReportFigures.Effect(row.Unit, row.Effect)}</td><td>{ReportFigures.Interval(row.Unit, row.EffectLow, row.EffectHigh)}</td><td>{ReportFigures.Nats(row.LogLikelihoodEffect)}</td></tr>
            {effect.Positions.Select(one => Markup.Of($"""<tr><th scope="row">{ReportText.Positions(one)}{(one.Bottleneck is null ? "" : $" ({one.Bottleneck})")}</th>{(one.Scores is { } scores ? Markup.Of($"<td>{ReportFigures.Effect(row.Unit, scores.Effect)}</td><td>{ReportFigures.Interval(row.Unit, scores.EffectLow, scores.EffectHigh)}</td><td>{ReportFigures.Nats(scores.LogLikelihoodEffect)}</td>") : new Markup("""<td colspan="3">not measured</td>"""))}</tr>"""))}
            </tbody></table>{(missing ? Markup.Of($"<details><summary>These bottlenecks, added to the plan, measure it</summary><pre>{ReportText.PositionsPlan(report, effect)}</pre></details>") : Markup.Empty)}</div>
            """);
    }));

    private static Markup Flips(BenchmarkReport benchmark)
    {
        var changed = benchmark.Effects.Where(effect => effect.Worse.Count + effect.Better.Count > 0).ToArray();
        return changed.Length == 0 ? Markup.Empty : Markup.Of($"""<h4>Items that changed</h4>{changed.Select(effect => Flips(effect))}""");
    }

    private static Markup Flips(EffectReport effect)
    {
        var isBinary = effect.Scores?.RightToWrong is not null;
        var (worse, better) = isBinary ? ("right to wrong", "wrong to right") : ("lower", "higher");
        return Markup.Of($"""
            <details><summary>{effect.Row.Bottleneck} ×{ReportFigures.Scalar(effect.Row.Scalar)}: {effect.Better.Count} {better}, {effect.Worse.Count} {worse}</summary>{Table(better, effect.Better)}{Table(worse, effect.Worse)}</details>
            """);

        Markup Table(string way, FlipList list) => list.Count == 0 ? Markup.Empty : Markup.Of($"""
            <div class="scroll"><table><caption>{way}{(list.Shown.Count < list.Count ? $", the first {list.Shown.Count} of {list.Count}" : "")}</caption><thead><tr><th scope="col">item</th><th scope="col">score</th><th scope="col" class="text">unsteered response</th><th scope="col" class="text">steered response</th></tr></thead><tbody>
            {list.Shown.Select(flip => Markup.Of($"""<tr><th scope="row">{flip.Item}</th><td class="nowrap">{ReportFigures.Score(ScoreUnit.Share, flip.Before)} → {ReportFigures.Score(ScoreUnit.Share, flip.After)}</td><td class="response">{Response(flip.Baseline)}</td><td class="response">{Response(flip.Steered)}</td></tr>{"\n"}"""))}
            </tbody></table></div>
            """);
    }

    /// <summary>Nothing is generated where choices are scored.</summary>
    private static Markup Response(string? text) => text switch
    {
        null => new Markup("""<span class="soft">(choices)</span>"""),
        "" => new Markup("""<span class="soft">(empty)</span>"""),
        _ => Markup.Of($"{text}"),
    };

    private static Markup Controls(BenchmarkReport benchmark)
    {
        var compared = benchmark.Effects.Where(effect => effect.Row.Comparisons.Count > 0).ToArray();
        if (compared.Length == 0)
            return Markup.Empty;
        return Markup.Of($"""
            <details><summary>Against its controls, each at the scalar that it chose itself</summary><div class="scroll"><table><thead><tr><th scope="col">bottleneck</th><th scope="col" class="text">controls</th><th scope="col">sets</th><th scope="col">mean effect</th><th scope="col">best effect</th><th scope="col">mean ΔLL</th><th scope="col">best ΔLL</th><th scope="col">rank by ΔLL</th><th scope="col">rank by score</th></tr></thead><tbody>
            {compared.SelectMany(effect => effect.Row.Comparisons.Select(one => Markup.Of($"""<tr><th scope="row">{effect.Row.Bottleneck}</th><td class="text">{ReportFigures.Kind(one.Kind)}</td><td>{one.Sets}</td><td>{ReportFigures.Effect(effect.Row.Unit, one.Effect)}</td><td>{ReportFigures.Effect(effect.Row.Unit, one.BestEffect)}</td><td>{ReportFigures.Nats(one.LogLikelihoodEffect)}</td><td>{ReportFigures.Nats(one.BestLogLikelihoodEffect)}</td><td>{Rank(one.Rank, one.Sets)}</td><td>{Rank(one.ScoreRank, one.Sets)}</td></tr>{"\n"}""")))}
            </tbody></table></div></details>
            """);

        static string Rank(int? rank, int sets) => rank is { } place ? $"{place} of {sets + 1}" : ReportFigures.None;
    }
}
