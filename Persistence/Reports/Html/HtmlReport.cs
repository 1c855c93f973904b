using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports.Html;

/// <summary>One page that needs nothing else: no network, no script. Answers first, then what they rest on.</summary>
internal static class HtmlReport
{
    private const string Stylesheet = "Sweep.Persistence.Reports.Html.report.css";

    public static string Write(SweepReport report)
    {
        var (plan, isChanged) = ReportText.Plan(report);
        var page = Markup.Of($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>{report.Sweep.Plan.Name}: report of sweep {report.Sweep.Id}</title><style>
            {Style()}</style></head><body>
            <header><h1>{report.Sweep.Plan.Name}</h1><p class="question">{ReportText.Question(report)}</p>{State(report)}</header>
            <main>
            <section aria-labelledby="answer"><h2 id="answer">Answer</h2>
            <p><strong>{ReportText.Headline(report)}</strong></p>
            {Findings(report)}{Hypotheses(report)}{report.Resolved.Models.Select(model => VerdictTable.Draw(report, model))}</section>
            <nav aria-label="Sections"><ul>{report.Benchmarks.Select((one, index) => Markup.Of($"""<li><a href="#b{index}">{one.Model.Name}: {one.Benchmark.Name}</a></li>"""))}<li><a href="#costs">Costs and provenance</a></li><li><a href="#reproduce">Reproduce</a></li><li><a href="#reading">How to read this</a></li></ul></nav>
            {report.Resolved.Models.Select(model => Model(report, model))}
            <section aria-labelledby="costs"><h2 id="costs">Costs and provenance</h2>{Pairs("What running it took", ReportText.Costs(report))}{Pairs("What it was run with", ReportText.Provenance(report))}</section>
            <section aria-labelledby="reproduce"><h2 id="reproduce">Reproduce</h2>
            <p>{(isChanged ? "The plan as it was run (its file was changed on the way, for instance by --items):" : "The plan as it was submitted:")} save it, run <code>sweep run PLAN</code> with files of the hashes above, and the sweep has the id {report.Sweep.Id} again.</p>
            <pre>{plan}</pre>{Replays(report)}</section>
            {Reading(report)}
            </main></body></html>
            """);
        return page.Text.ReplaceLineEndings("\n") + "\n";
    }

    private static Markup State(SweepReport report) => report.Sweep.State == Contracts.Store.SweepState.Completed && report.Sweep.Reason is null
        ? Markup.Empty
        : Markup.Of($"""<p class="worse">The sweep is {report.Sweep.State.ToString().ToLowerInvariant()}{(report.Sweep.Reason is { } reason ? $" ({reason})" : "")}: this is what is recorded so far.</p>""");

    private static Markup Findings(SweepReport report) => Markup.Of($"""<ul>{ReportText.Findings(report).Select(finding => Markup.Of($"""<li><span class="{ReportFigures.Verdict(finding.Row.Verdict)}">{ReportFigures.Verdict(finding.Row.Verdict)}</span>: {finding.Text}</li>{"\n"}"""))}</ul>""");

    private static Markup Hypotheses(SweepReport report) => report.Summary.Hypotheses is not { } hypotheses
        ? new Markup("""<p class="soft small">The plan states no hypotheses: everything here is exploratory.</p>""")
        : Markup.Of($"""
            <div class="scroll"><table><caption>Hypotheses, stated in the plan before the run (the sweep's id is a hash of it)</caption><thead><tr><th scope="col">hypothesis</th><th scope="col" class="text">outcome</th><th scope="col" class="text">because</th></tr></thead><tbody>
            {hypotheses.Select(one => Markup.Of($"""
                <tr><th scope="row">{one.Hypothesis.Name}: {one.Hypothesis.Statement}<br/><span class="soft small">{ReportText.Hypothesis(one.Hypothesis)}</span></th><td class="text {ReportText.Outcome(one.Outcome)}">{ReportText.Outcome(one.Outcome)}</td><td class="text small">{Parts(one)}</td></tr>
                """))}
            </tbody></table></div>
            """);

    private static Markup Parts(HypothesisResult result) => result.Parts.Count == 0
        ? new Markup("nothing of it was measured")
        : Markup.Of($"""<details{(result.Parts.Count <= 3 ? new Markup(" open=\"open\"") : Markup.Empty)}><summary>{result.Parts.Count(part => part.Outcome == HypothesisOutcome.Confirmed)} of {result.Parts.Count} parts hold, {result.Parts.Count(part => part.Outcome == HypothesisOutcome.Refuted)} fail</summary>{result.Parts.Select(part => Markup.Of($"{ReportText.Part(part)}<br/>"))}</details>""");

    private static Markup Model(SweepReport report, ResolvedModel model)
    {
        var ofModel = report.Benchmarks.Index().Where(pair => pair.Item.Model == model).ToArray();
        return Markup.Of($"""<section><h2>{model.Name}</h2>{ofModel.Select(pair => BenchmarkSection.Draw(report, pair.Item, pair.Index))}</section>""");
    }

    private static Markup Pairs(string caption, IReadOnlyList<(string What, string Value)> pairs) => Markup.Of($"""
        <table><caption>{caption}</caption><tbody>
        {pairs.Select(pair => Markup.Of($"""<tr><th scope="row">{pair.What}</th><td class="hash">{pair.Value}</td></tr>{"\n"}"""))}
        </tbody></table>
        """);

    private static Markup Replays(SweepReport report) => Markup.Of($"""
        <details><summary>One command a table cell: it runs the recorded job again and compares every item</summary><div class="scroll"><table><thead><tr><th scope="col">model</th><th scope="col" class="text">benchmark</th><th scope="col" class="text">bottleneck</th><th scope="col">scalar</th><th scope="col" class="text">measure</th><th scope="col" class="text">command</th></tr></thead><tbody>
        {ReportText.Replays(report).Select(one => Markup.Of($"""<tr><td class="text">{one.Benchmark.Model.Name}</td><td class="text">{one.Benchmark.Benchmark.Name}</td><td class="text">{one.Cell.Bottleneck}</td><td>{(one.Cell == one.Benchmark.Baseline ? "" : ReportFigures.Scalar(one.Cell.Scalar))}</td><td class="text">{one.Measure}</td><td class="text nowrap"><code>{one.Command}</code></td></tr>{"\n"}"""))}
        </tbody></table></div></details>
        """);

    private static Markup Reading(SweepReport report) => Markup.Of($"""
        <section aria-labelledby="reading"><h2 id="reading">How to read this</h2><ul class="small">
        <li><b>Scalars</b> are chosen on the selection split alone; every effect, interval and p is of the test split.{CrossFitted(report)}</li>
        <li><b>Verdict</b>: <i>equivalent</i> where the effect is shown to be smaller than the smallest of interest ({ReportFigures.Smallest(report.SmallestEffect, ScoreUnit.Share)}; {ReportFigures.Smallest(report.SmallestEffect, ScoreUnit.NatsAnItem)}), else <i>better</i> or <i>worse</i> where p, corrected for all comparisons, is at most 0.05; else <i>undecided</i>.</li>
        <li><b>Intervals</b> are 95 %: Tango's where each item is right or wrong by itself, else BCa bootstrap over groups. They are of one comparison each, not corrected.</li>
        <li><b>p</b> is of one comparison alone (exact McNemar, or sign flips of groups), <b>p family</b> corrected for all (max-statistic).</li>
        <li><b>Rank</b>: among random channel sets of equal size, each at the scalar that it chose itself, by the log-likelihood effect where there is one. <b>Band</b> in figures: from the lowest to the highest effect of the random sets at the same scalar, with their median.</li>
        <li><b>ΔLL</b>: change of the gold's log-likelihood, nats an item. <b>Perplexity</b>: change on plain text at the same scalar.</li>
        <li><b>Repeated</b>: a run of one to eight words stands three times in a row. <b>Cut</b>: generation ended at its limit. <b>Context cut</b>: the context was shortened to the limit, the question never.</li>
        <li>Items that changed are shown at most five a direction, in item order, responses at most 280 characters; what is invisible is written as its code. † marks cells in which an item diverged.</li>
        </ul></section>
        """);

    private static string CrossFitted(SweepReport report) => report.Summary.Rows.Any(row => row.CrossFit is not null)
        ? " Where rows are cross-fitted, each fold of items is reported at the scalar that is best on the other folds; the scalar shown is that of most folds, and figures and tables by scalar are of all items. Their p and intervals are of choices made anew in every flip."
        : "";

    private static Markup Style()
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream(Stylesheet)!);
        return new Markup(reader.ReadToEnd());
    }
}
