using System.Globalization;
using Spectre.Console;
using Sweep.Execution.Identification;

namespace Sweep.Cli.Output;

/// <summary>A patching study for people.</summary>
internal static class PatchingView
{
    public static void Print(PatchingResult result, IAnsiConsole console)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Model}: log p(answer) − log p(other) is {result.Clean:0.000} after the clean prompt and {result.Corrupted:0.000} after the corrupted one, mean over {result.Pairs:N0} pairs"));
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in (string[])["layer", "site", "channels", "necessity", "sufficiency", "from"])
            table.AddColumn(new TableColumn(column) { Alignment = column is "site" or "from" ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (var row in result.Rows)
        {
            table.AddRow(
                row.Layer.ToString(CultureInfo.InvariantCulture),
                row.Site,
                row.Channels.ToString(CultureInfo.InvariantCulture),
                Share(row.Necessity),
                Share(row.Sufficiency),
                Markup.Escape(row.Source is { } source ? Path.GetFileNameWithoutExtension(source) : ""));
        }

        console.Write(table);
        foreach (var map in result.Maps ?? [])
            PatchingHeatMap.Print(console, map, result.Positions!);
    }

    private static string Share(double? value) => value is { } share ? share.ToString("0.000", CultureInfo.InvariantCulture) : "–";
}
