using System.Globalization;
using Spectre.Console;
using Sweep.Contracts.Plans;
using Sweep.Execution.Identification;

namespace Sweep.Cli.Output;

/// <summary>An identification for people: the layers, then the channels of each bottleneck.</summary>
internal static class IdentifyView
{
    public static void Print(IdentificationResult result, string? folder)
    {
        PrintLayers(result);
        foreach (var bottleneck in result.Bottlenecks)
            Print(bottleneck);
        foreach (var encoder in result.Autoencoders ?? [])
            Print(encoder);
        if (folder is not null)
            Console.WriteLine($"{result.Bottlenecks.Count} bottleneck files in {folder}");
    }

    private static void PrintLayers(IdentificationResult result)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in (string[])["layer", "lens entropy", "CKA to next", "site", "var. texts", "var. positions", "mean |x|", "kurtosis", "rank (Σσ)²/Σσ²", "rank exp H", "softmax entropy", "normal entropy"])
            table.AddColumn(new TableColumn(column) { Alignment = column == "site" ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (var layer in result.Layers)
        {
            var next = layer.Layer + 1 < result.Layers.Count ? layer.Cka[layer.Layer + 1] : null;
            foreach (var (index, site) in layer.Sites.Index())
            {
                var isFirst = index == 0;
                table.AddRow(
                    isFirst ? layer.Layer.ToString(CultureInfo.InvariantCulture) : "",
                    isFirst ? Figure(layer.LogitLensEntropy, "0.000") : "",
                    isFirst ? Figure(next, "0.0000") : "",
                    site.Site,
                    Figure(site.VarianceOverTexts, "0.00e+0"),
                    Figure(site.VarianceOverPositions, "0.00e+0"),
                    Figure(site.MeanAbsolute, "0.00e+0"),
                    Figure(site.Kurtosis, "0.0"),
                    Figure(site.RankParticipation, "0.0"),
                    Figure(site.RankEntropy, "0.0"),
                    Figure(site.SoftmaxEntropy, "0.000"),
                    Figure(site.NormalEntropy, "0.000"));
            }
        }

        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Model}: CKA over {result.CkaPositions:N0} positions of the residual stream; entropies in nats"));
    }

    private static void Print(BottleneckFile bottleneck)
    {
        Console.WriteLine();
        Console.WriteLine($"layer {bottleneck.Layer} {bottleneck.Site} by {bottleneck.Recipe}: {bottleneck.Channels.Count} of {bottleneck.Scores.Count} channels");
        var effects = (bottleneck.Effects ?? new Dictionary<string, IReadOnlyList<double?>>()).ToArray();
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in (string[])["channel", "score", .. effects.Select(effect => char.IsAsciiLetter(effect.Key[0]) ? effect.Key : $"× {effect.Key}")])
            table.AddColumn(new TableColumn(column) { Alignment = Justify.Right, NoWrap = true });
        foreach (var channel in bottleneck.Channels.OrderByDescending(channel => bottleneck.Scores[channel] ?? double.NegativeInfinity).ThenBy(channel => channel))
        {
            table.AddRow(
            [
                channel.ToString(CultureInfo.InvariantCulture),
                Figure(bottleneck.Scores[channel], "0.000e+0"),
                .. effects.Select(effect => Figure(effect.Value[channel], "+0.0000;-0.0000;0.0000")),
            ]);
        }

        AnsiConsole.Write(table);
        var halves = bottleneck.Items is null ? "texts" : "items";
        if (bottleneck.Stability != new HalvesAgreement())
            Console.WriteLine($"halves of the {halves}: Jaccard {Figure(bottleneck.Stability.Jaccard, "0.00")}, rank correlation {Figure(bottleneck.Stability.RankCorrelation, "0.000")}");
        if (bottleneck.Overlaps.Count > 0)
            Console.WriteLine($"overlap (Jaccard): {string.Join(", ", bottleneck.Overlaps.Select(overlap => $"{(overlap.Site == bottleneck.Site ? "" : overlap.Site + " ")}{overlap.Recipe} {Figure(overlap.Jaccard, "0.00")}"))}");
    }

    private static void Print(AutoencoderReport encoder)
    {
        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"layer {encoder.Layer} {encoder.Site}, autoencoder of {encoder.Features} features: gives back {encoder.ExplainedVariance:P1} of the variance with {encoder.ActiveShare:P1} of them, on {encoder.HeldOutPositions:N0} positions it did not see"));
        foreach (var feature in encoder.Most)
        {
            var channels = feature.Channels.Zip(feature.Weights, (channel, weight) => string.Create(CultureInfo.InvariantCulture, $"{channel} ({weight:+0.00;-0.00})"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  use {feature.Use:0.000}: channels {string.Join(", ", channels)}"));
        }
    }

    private static string Figure(double? value, string format) => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "–";
}
