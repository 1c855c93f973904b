using Spectre.Console;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>
/// Test split, bottleneck × scalar, of one model: effects in points or nats, and the perplexity of plain text. What no scalar changes is named below instead of drawn.
/// The sign and the figure stand in each cell, so it reads without colour.
/// </summary>
internal sealed class HeatMap(IAnsiConsole console, SummaryCell[] cells)
{
    /// <summary>Blue and orange are told apart by every common kind of colour vision.</summary>
    public const string Gain = "deepskyblue1";

    public const string Harm = "orange1";

    private const string Split = "test";
    private const string Zero = "·";

    private enum Kind
    {
        Points,
        Nats,
        Perplexity,
    }

    public static void Print(IAnsiConsole console, string model, SweepSummary summary) =>
        new HeatMap(console, [.. summary.Cells.Where(cell => cell.Model == model && cell.ControlIndex is null)]).Print();

    private void Print()
    {
        foreach (var kind in Enum.GetValues<Kind>())
        {
            // A cell without a scalar is the baseline or an ablation; one without items has not been measured.
            var ofKind = cells.Where(cell => cell.Scalar is not null && KindOf(cell) == kind && cell.Splits.GetValueOrDefault(Split) is { N: > 0 }).ToArray();
            if (ofKind.Length > 0)
                Print(kind, ofKind);
        }
    }

    private void Print(Kind kind, SummaryCell[] measured)
    {
        var rows = measured.GroupBy(cell => (cell.Benchmark, cell.Bottleneck)).ToArray();
        var drawn = rows.Where(row => kind == Kind.Perplexity || row.Any(cell => Effect(cell) != 0)).ToArray();
        console.WriteLine();
        console.MarkupLine($"[bold]{Title(kind)}[/] by scalar on the test split [dim]({Legend(kind)})[/]");
        var scalars = drawn.SelectMany(row => row).Select(cell => cell.Scalar!.Value).Distinct().Order().ToArray();
        if (scalars.Length > 0)
            Draw(kind, drawn, scalars);
        if (rows.Except(drawn).Select(row => row.Key).ToArray() is { Length: > 0 } still)
            console.MarkupLine($"[dim]no change at any scalar: {Markup.Escape(BottleneckNames.Of(still, [.. rows.Select(row => row.Key)]))}[/]");
    }

    /// <summary>As many scalars beside each other as the width allows, the rest below.</summary>
    private void Draw(Kind kind, IGrouping<(string Benchmark, string Bottleneck), SummaryCell>[] rows, double[] scalars)
    {
        var table = rows.Select(row =>
        {
            var byScalar = row.ToDictionary(cell => cell.Scalar!.Value);
            return (row.Key, Cells: scalars.Select(scalar => byScalar.TryGetValue(scalar, out var cell) ? Shaded(kind, cell) : new TextCell("")).ToArray());
        }).ToArray();
        TextCell[] header = [.. scalars.Select(scalar => new TextCell($"×{Figures.Scalar(scalar)}"))];
        var cellWidth = table.SelectMany(row => row.Cells).Concat(header).Max(cell => cell.Text.Length);
        var label = Math.Min(rows.Max(row => row.Key.Bottleneck.Length), Math.Max(12, console.Profile.Width - cellWidth - 3));
        var atOnce = Math.Max(1, (console.Profile.Width - label - 2) / (cellWidth + 1));
        foreach (var chunk in Enumerable.Range(0, scalars.Length).Chunk(atOnce))
        {
            int[] widths = [label, .. chunk.Select(_ => cellWidth)];
            console.MarkupLine($" [dim]{TextColumns.Line(["", .. chunk.Select(column => header[column])], widths, 1)}[/]");
            foreach (var benchmark in table.GroupBy(row => row.Key.Benchmark))
            {
                console.MarkupLine($"[bold]{Markup.Escape(benchmark.Key)}[/]{Unsteered(kind, benchmark.Key)}");
                foreach (var (key, row) in benchmark)
                    console.MarkupLine($" {TextColumns.Line([key.Bottleneck, .. chunk.Select(column => row[column])], widths, 1)}");
            }
        }
    }

    private static Kind KindOf(SummaryCell cell) => cell.Unit switch
    {
        ScoreUnit.NatsAToken => Kind.Perplexity,
        ScoreUnit.NatsAnItem => Kind.Nats,
        _ => Kind.Points,
    };

    private static string Title(Kind kind) => kind switch
    {
        Kind.Points => "Effect, points,",
        Kind.Nats => "Effect on the gold's log-likelihood, nats,",
        _ => "Perplexity of plain text",
    };

    private string Legend(Kind kind)
    {
        var rest = kind == Kind.Perplexity ? "lower is better" : $"{Zero}: none";
        return console.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors } ? $"blue: gain, orange: harm, {rest}" : rest;
    }

    private string Unsteered(Kind kind, string benchmark) =>
        kind == Kind.Perplexity ? $" [dim]{Figures.Perplexity(BaselinePerplexity(benchmark))} unsteered[/]" : "";

    /// <summary>The baseline is the first cell of its benchmark.</summary>
    private double? BaselinePerplexity(string benchmark) => cells.First(cell => cell.Benchmark == benchmark).Splits.GetValueOrDefault(Split)?.Perplexity;

    private static double Effect(SummaryCell cell) => cell.Splits[Split].Effect;

    private TextCell Shaded(Kind kind, SummaryCell cell)
    {
        var scores = cell.Splits[Split];
        return kind switch
        {
            Kind.Points => new(scores.Effect == 0 ? Zero : Figures.Signed(100 * scores.Effect, "0.0"), Style(scores.Effect, 0.05, 0.3)),
            Kind.Nats => new(scores.Effect == 0 ? Zero : Figures.Signed(scores.Effect, "0.00"), Style(scores.Effect, 0.1, 1)),
            _ => new(
                Figures.Perplexity(scores.Perplexity),
                scores.Perplexity is { } now && BaselinePerplexity(cell.Benchmark) is { } before ? Style(Math.Log(before / now), 0.02, 0.2) : null),
        };
    }

    private static string? Style(double gain, double weak, double strong) => gain switch
    {
        0 => "dim",
        _ when gain >= strong => $"black on {Gain}",
        _ when gain >= weak => Gain,
        _ when gain <= -strong => $"black on {Harm}",
        _ when gain <= -weak => Harm,
        _ => null,
    };
}
