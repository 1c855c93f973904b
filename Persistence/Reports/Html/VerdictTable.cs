using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports.Html;

/// <summary>The answer of one model at a glance: bottleneck × benchmark, each with its verdict, and the effect over benchmarks.</summary>
internal static class VerdictTable
{
    public static Markup Draw(SweepReport report, ResolvedModel model)
    {
        var benchmarks = report.Benchmarks.Where(one => one.Model == model && one.Effects.Count > 0).ToArray();
        var bottlenecks = benchmarks.SelectMany(one => one.Effects).Select(effect => effect.Row.Bottleneck).Distinct(StringComparer.Ordinal).ToArray();
        if (bottlenecks.Length == 0)
            return Markup.Empty;
        var overall = report.Summary.Overall.Where(one => one.Model == model.Name).ToDictionary(one => one.Bottleneck, StringComparer.Ordinal);
        return Markup.Of($"""
            <div class="scroll"><table><caption>{model.Name}: effect at the chosen scalar, and verdict</caption><thead><tr><th scope="col">bottleneck</th>{benchmarks.Select(one => Markup.Of($"""<th scope="col">{one.Benchmark.Name}</th>"""))}{(overall.Count > 0 ? new Markup("""<th scope="col">over benchmarks, points</th>""") : Markup.Empty)}</tr></thead><tbody>
            {bottlenecks.Select(name => Markup.Of($"""<tr><th scope="row">{name}</th>{benchmarks.Select(one => Cell(one.Effects.FirstOrDefault(effect => effect.Row.Bottleneck == name)?.Row))}{Overall(overall, name)}</tr>{"\n"}"""))}
            </tbody></table></div>
            """);
    }

    private static Markup Cell(SummaryRow? row) => row is null
        ? new Markup("<td></td>")
        : Markup.Of($"""<td><span class="{ReportFigures.Verdict(row.Verdict)}">{ReportFigures.Verdict(row.Verdict)}</span><br/>{ReportFigures.Effect(row.Unit, row.Effect)} <span class="soft">×{ReportFigures.Scalar(row.Scalar)}</span></td>""");

    private static Markup Overall(Dictionary<string, OverallEffect> overall, string name) => overall.Count == 0 ? Markup.Empty
        : overall.TryGetValue(name, out var one)
            ? Markup.Of($"""<td class="nowrap">{ReportFigures.Effect(ScoreUnit.Share, one.Effect)}<br/><span class="soft">{ReportFigures.Interval(ScoreUnit.Share, one.EffectLow, one.EffectHigh)}</span></td>""")
            : new Markup("<td></td>");
}
