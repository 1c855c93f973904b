using System.Text;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports;

/// <summary>The effects as a LaTeX table a model, to be put into a paper with \input; it needs the package booktabs.</summary>
internal static class LatexTable
{
    public static string Write(SweepReport report)
    {
        var text = new StringBuilder();
        text.Append($"% {OneLine(report.Sweep.Id)}. Needs \\usepackage{{booktabs}} and UTF-8.\n");
        foreach (var model in report.Resolved.Models)
        {
            var benchmarks = report.Benchmarks.Where(one => one.Model == model && one.Effects.Count > 0).ToArray();
            if (benchmarks.Length > 0)
                Model(text, report, model.Name, benchmarks);
        }

        return text.ToString();
    }

    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var letter in OneLine(text))
        {
            _ = letter switch
            {
                '\\' => escaped.Append(@"\textbackslash{}"),
                '~' => escaped.Append(@"\textasciitilde{}"),
                '^' => escaped.Append(@"\textasciicircum{}"),
                '<' => escaped.Append(@"\textless{}"),
                '>' => escaped.Append(@"\textgreater{}"),
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => escaped.Append('\\').Append(letter),
                _ => escaped.Append(letter),
            };
        }

        return escaped.ToString();
    }

    private static void Model(StringBuilder text, SweepReport report, string model, BenchmarkReport[] benchmarks)
    {
        text.Append($$"""
            \begin{table}
            \centering
            \caption{Effects of steering {{Escape(model)}} {{(benchmarks.Any(one => one.Effects[0].Row.CrossFit is not null) ? "at cross-fitted scalars (each fold at the one that is best on the others; the most frequent is shown)" : "at the scalars chosen on the selection split, on test items")}}; score and effect in percent and points, of benchmarks without generation in nats. $p$ is corrected for the {{report.Summary.Rows.Count(row => row.TestItems > 0)}} comparisons of the sweep; smallest effect of interest {{Escape(ReportFigures.Smallest(report.SmallestEffect, ScoreUnit.Share))}}. Sweep \texttt{{{Escape(report.Sweep.Id)}}}.}
            \begin{tabular}{llrrrrrrl}
            \toprule
            Benchmark & Bottleneck & Scalar & $n$ & Score & Effect & 95\,\% interval & $p$ & Verdict \\

            """.ReplaceLineEndings("\n"));
        foreach (var benchmark in benchmarks)
        {
            text.Append("\\midrule\n");
            text.Append($"{Escape(benchmark.Benchmark.Name)} & baseline & & {benchmark.Effects[0].Row.TestItems} & {Number(ReportFigures.Score(benchmark.Baseline.Unit, benchmark.Effects[0].Row.Baseline))} & & & & \\\\\n");
            foreach (var row in benchmark.Effects.Select(effect => effect.Row))
            {
                text.Append(
                    $" & {Escape(row.Bottleneck)} & {Escape(ReportFigures.Scalar(row.Scalar))} & {row.TestItems} & {Number(ReportFigures.Score(row.Unit, row.Steered))} & {Number(ReportFigures.Effect(row.Unit, row.Effect))} & {Interval(row)} & {Number(ReportFigures.P(row.FamilyP))} & {ReportFigures.Verdict(row.Verdict)} \\\\\n");
            }
        }

        text.Append("\\bottomrule\n\\end{tabular}\n\\end{table}\n");
    }

    private static string Interval(SummaryRow row) => row is { EffectLow: { } low, EffectHigh: { } high }
        ? $"$[{ReportFigures.Effect(row.Unit, low)}, {ReportFigures.Effect(row.Unit, high)}]$"
        : "--";

    private static string Number(string figure) => figure == ReportFigures.None ? "--" : $"${figure}$";

    private static string OneLine(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
