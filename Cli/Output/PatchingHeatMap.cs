using System.Globalization;
using Spectre.Console;
using Sweep.Execution.Identification;

namespace Sweep.Cli.Output;

/// <summary>Position by layer: what each swap takes from the clean run, and what it gives the corrupted one. Reads without colour.</summary>
internal static class PatchingHeatMap
{
    private const int CellWidth = 5;
    private const int LongestToken = 12;

    public static void Print(IAnsiConsole console, PatchingMap map, IReadOnlyList<PatchingPosition> positions)
    {
        var what = $"{map.Site}, {(map.Source is { } source ? $"{map.Channels} channels of {Path.GetFileNameWithoutExtension(source)}" : "whole")}, position by layer";
        Draw(console, $"Necessity, {what}", map.Layers, positions, map.Necessity);
        Draw(console, $"Sufficiency, {what}", map.Layers, positions, map.Sufficiency);
    }

    /// <summary>As many layers beside each other as the width allows, the rest below.</summary>
    private static void Draw(IAnsiConsole console, string title, IReadOnlyList<int> layers, IReadOnlyList<PatchingPosition> positions, IReadOnlyList<IReadOnlyList<double?>> shares)
    {
        console.WriteLine();
        console.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
        // Before the prompts differ there is nothing to swap.
        var drawn = positions.Index().Where(position => shares.Any(layer => layer[position.Index] is not (null or 0))).Select(position => (position.Index, Text: Label(position.Item))).ToArray();
        if (drawn.Length < positions.Count)
            console.MarkupLine($" [dim]nothing at {positions.Count - drawn.Length} of {positions.Count} positions[/]");
        var label = drawn.Select(position => position.Text.Length).DefaultIfEmpty(0).Max();
        var atOnce = Math.Max(1, (console.Profile.Width - label - 2) / (CellWidth + 1));
        foreach (var chunk in Enumerable.Range(0, drawn.Length == 0 ? 0 : layers.Count).Chunk(atOnce))
        {
            int[] widths = [label, .. chunk.Select(_ => CellWidth)];
            console.MarkupLine($" [dim]{TextColumns.Line(["layer", .. chunk.Select(row => (TextCell)layers[row].ToString(CultureInfo.InvariantCulture))], widths, 1)}[/]");
            foreach (var (column, text) in drawn)
                console.MarkupLine($" {TextColumns.Line([text, .. chunk.Select(row => Cell(shares[row][column]))], widths, 1)}");
        }
    }

    private static string Label(PatchingPosition position)
    {
        var token = position.Token is { } text ? $" {string.Concat(text.Select(one => char.IsControl(one) ? ' ' : one)).Trim()}" : "";
        return $"{position.Name}{TextColumns.Shorten(token, LongestToken)}".PadRight("layer".Length);
    }

    private static TextCell Cell(double? share) => share switch
    {
        null => new TextCell("–"),
        { } value => new TextCell(Math.Round(value, 2) == 0 ? "·" : value.ToString("0.00", CultureInfo.InvariantCulture), value switch
        {
            >= 0.5 => $"black on {HeatMap.Gain}",
            >= 0.1 => HeatMap.Gain,
            <= -0.5 => $"black on {HeatMap.Harm}",
            <= -0.1 => HeatMap.Harm,
            _ => "dim",
        }),
    };
}
