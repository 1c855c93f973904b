using System.Text;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports;

/// <summary>The effects as a LaTeX table a model, to be put into a paper with \input; it needs the package booktabs.</summary>
internal static class LatexTable
{
    /// <summary>Letters that LaTeX has in every font encoding.</summary>
    private const string Accented = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŁłČčŘřŮůŐőŰűĞğİı";

    /// <summary>Letters that have a command of their own; the others look like Latin ones.</summary>
    private static readonly Dictionary<int, string> Greek = (
        "Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Φ Phi Ψ Psi Ω Omega α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu µ mu ν nu ξ xi π pi " +
        "ρ rho σ sigma τ tau φ phi χ chi ψ psi ω omega").Split(' ').Chunk(2).ToDictionary(pair => (int)pair[0][0], pair => pair[1]);

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

    /// <summary>Text that LaTeX sets as it stands, whatever packages and font encoding a paper has: nothing in it is a command, an option of one, a shorthand or a ligature.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        var last = Rune.ReplacementChar;
        foreach (var letter in OneLine(text).EnumerateRunes())
        {
            if (letter == last && letter.Value is '-' or ',')
                escaped.Append("{}");
            escaped.Append(Escape(letter));
            last = letter;
        }

        return escaped.ToString();
    }

    private static string Escape(Rune letter) => letter.Value switch
    {
        '\\' => @"\textbackslash{}",
        '~' => @"\textasciitilde{}",
        '^' => @"\textasciicircum{}",
        '<' => @"\textless{}",
        '>' => @"\textgreater{}",
        '|' => @"\textbar{}",
        '`' => @"\textasciigrave{}",
        '\'' => @"\textquotesingle{}",
        '"' => @"{\char34}",
        '&' or '%' or '$' or '#' or '_' or '{' or '}' => $@"\{letter}",

        // After a rule or a line's end a bracket would begin an option, a star a variant.
        '[' or ']' or '*' => $"{{{letter}}}",
        >= ' ' and < 0x7F => letter.ToString(),
        0xA0 => " ",
        0xD7 => @"$\times$",
        0xB1 => @"$\pm$",
        0xB7 => @"$\cdot$",
        0x2212 => "$-$",
        0x2192 => @"$\rightarrow$",
        0x2264 => @"$\leq$",
        0x2265 => @"$\geq$",
        0x2013 => "{--}",
        0x2014 => "{---}",
        0x2026 => @"\ldots{}",
        _ when Greek.TryGetValue(letter.Value, out var name) => $@"$\{name}$",
        _ when Accented.Contains(letter.ToString(), StringComparison.Ordinal) => letter.ToString(),
        _ => $"{{[}}U+{letter.Value:X4}{{]}}",
    };

    private static void Model(StringBuilder text, SweepReport report, string model, BenchmarkReport[] benchmarks)
    {
        text.Append($$"""
            \begin{table}
            \centering\small\setlength{\tabcolsep}{4pt}
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
