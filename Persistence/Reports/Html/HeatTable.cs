using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports.Html;

/// <summary>Bottleneck × scalar on the test split: effects, of plain text perplexities. Sign and figure stand in each cell, so it reads without colour.</summary>
internal static class HeatTable
{
    private const string Test = "test";

    /// <summary>Empty where nothing has a scalar.</summary>
    public static Markup Draw(BenchmarkReport benchmark)
    {
        var cells = benchmark.Cells.Where(cell => cell.Scalar is not null).ToArray();
        double[] scalars = [.. cells.Select(cell => cell.Scalar!.Value).Distinct().Order()];
        if (scalars.Length == 0)
            return Markup.Empty;
        var unit = benchmark.Baseline.Unit;
        var caption = unit == ScoreUnit.NatsAToken ? "Perplexity by scalar, test split" : $"Effect in {ReportFigures.UnitOf(unit)} by scalar, test split";
        return Markup.Of($"""
            <div class="scroll"><table class="heat"><caption>{caption}</caption><thead><tr><th scope="col">bottleneck</th>{scalars.Select(scalar => Markup.Of($"""<th scope="col">×{ReportFigures.Scalar(scalar)}</th>"""))}</tr></thead><tbody>
            {cells.GroupBy(cell => cell.Bottleneck).Select(row =>
            {
                var byScalar = row.ToDictionary(cell => cell.Scalar!.Value);
                return Markup.Of($"""<tr><th scope="row">{row.Key}</th>{scalars.Select(scalar => Cell(benchmark, byScalar.GetValueOrDefault(scalar)))}</tr>{"\n"}""");
            })}
            </tbody></table></div>
            """);
    }

    private static Markup Cell(BenchmarkReport benchmark, SummaryCell? cell)
    {
        if (cell?.Splits.GetValueOrDefault(Test) is not { N: > 0 } scores)
            return new Markup("<td></td>");
        var (text, level) = cell.Unit switch
        {
            ScoreUnit.Share => (ReportFigures.Effect(cell.Unit, scores.Effect), Level(scores.Effect, 0.02, 0.1, 0.3)),
            ScoreUnit.NatsAnItem => (ReportFigures.Effect(cell.Unit, scores.Effect), Level(scores.Effect, 0.1, 0.5, 2)),
            _ => (ReportFigures.Perplexity(scores.Perplexity), Level(benchmark.Baseline.Splits[Test].Perplexity is { } before && scores.Perplexity is { } now ? Math.Log(before / now) : 0, 0.01, 0.1, 0.5)),
        };
        return Markup.Of($"""<td class="{level}">{text}{(scores.Diverged > 0 ? " †" : "")}</td>""");
    }

    private static string Level(double gain, double weak, double clear, double strong)
    {
        var size = Math.Abs(gain);
        var step = size >= strong ? 3 : size >= clear ? 2 : size >= weak ? 1 : 0;
        return step == 0 ? "n" : $"{(gain > 0 ? 'g' : 'h')}{step}";
    }
}
