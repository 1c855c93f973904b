using System.Globalization;
using Spectre.Console;
using Sweep.Execution.Identification;

namespace Sweep.Cli.Output;

/// <summary>An ablation study for people: a line an ablation with a column a kind, then the step-size biases.</summary>
internal static class AblationView
{
    public static void Print(AblationResult result)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Model}: KL(model ‖ ablated) of the next token, nats a token, over {result.Positions:N0} tokens"));
        var kinds = result.Rows.Select(row => row.Kind).Distinct().ToArray();
        var table = Figures(["ablated", "layer", "site", "channels", .. kinds.Select(kind => kind.ToString().ToLowerInvariant())], words: [0, 2]);
        foreach (var rows in result.Rows.GroupBy(row => (row.What, row.Source, row.Layer, row.Site, row.Channels)))
        {
            var name = rows.Key.Source is { } source ? $"{rows.Key.What} of {Path.GetFileNameWithoutExtension(source)}" : rows.Key.What;
            table.AddRow(
            [
                Markup.Escape(name),
                rows.Key.Layer.ToString(CultureInfo.InvariantCulture),
                rows.Key.Site,
                rows.Key.Channels.ToString(CultureInfo.InvariantCulture),
                .. kinds.Select(kind => rows.FirstOrDefault(row => row.Kind == kind) is { } row ? Kl(row.Kl) : ""),
            ]);
        }

        AnsiConsole.Write(table);
        var factors = result.DeltaBias.Select(row => row.Factor).Distinct().ToArray();
        var biases = Figures(["dt_proj.bias of layer", .. factors.Select(factor => $"× {factor.ToString(CultureInfo.InvariantCulture)}")], words: []);
        foreach (var layer in result.DeltaBias.GroupBy(row => row.Layer))
            biases.AddRow([layer.Key.ToString(CultureInfo.InvariantCulture), .. layer.Select(row => Kl(row.Kl))]);
        AnsiConsole.Write(biases);
    }

    private static string Kl(double value) => value.ToString("0.000e+0", CultureInfo.InvariantCulture);

    private static Table Figures(IReadOnlyList<string> columns, IReadOnlyCollection<int> words)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var (index, column) in columns.Index())
            table.AddColumn(new TableColumn(column) { Alignment = words.Contains(index) ? Justify.Left : Justify.Right, NoWrap = true });
        return table;
    }
}
