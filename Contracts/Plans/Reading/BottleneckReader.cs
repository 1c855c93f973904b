namespace Sweep.Contracts.Plans.Reading;

/// <summary>Reads bottlenecks, their parts and their channel recipes, which stand in the bottleneck itself or in its field channels.</summary>
internal static class BottleneckReader
{
    private const string ChannelsExpected = "all, a list of channels, or one recipe (top and by; random and seeds; file)";

    public static BottleneckPlan Bottleneck(PlanFields fields, PlanReading reading)
    {
        var name = fields.Text("name", "the bottleneck's name", required: true) ?? "";
        var parts = fields.List(
            "parts", "a list of parts", (node, path) => PlanFields.Of(reading, node, path, "a part's fields", inner => Part(inner, reading)));
        var part = Part(fields, reading);
        return new BottleneckPlan
        {
            Name = name,
            Layer = part.Layer,
            Depth = part.Depth,
            Site = part.Site,
            Operation = part.Operation,
            Positions = part.Positions,
            Channels = part.Channels,
            Values = part.Values,
            Scalars = Scalars(fields),
            Parts = parts,
        };
    }

    /// <summary>A list of numbers, or the word for the paper's grid; null where absent.</summary>
    public static IReadOnlyList<double>? Scalars(PlanFields fields) =>
        fields.Find("scalars", nullable: true) is ScalarNode { Text: PlanWords.Paper }
            ? PlanWords.PaperScalars
            : fields.Values("scalars", $"a list of numbers or {PlanWords.Paper}", "a finite number", PlanValues.Number);

    private static BottleneckPartPlan Part(PlanFields fields, PlanReading reading)
    {
        var defaults = new BottleneckPartPlan();
        return new BottleneckPartPlan
        {
            Layer = fields.Whole("layer", "a whole number, the 0-based layer"),
            Depth = fields.Number("depth", "a number from 0 to below 1"),
            Site = fields.Text("site", "a site's name") ?? defaults.Site,
            Operation = fields.Text("operation", PlanWords.OneOf(PlanWords.Operations)) ?? defaults.Operation,
            Positions = fields.Text("positions", PlanWords.OneOf(PlanWords.Positions)) ?? defaults.Positions,
            Channels = Channels(fields, reading),
            Values = fields.Values("values", "a list of numbers, one a channel", "a finite number", PlanValues.Number),
        };
    }

    private static ChannelsPlan Channels(PlanFields fields, PlanReading reading)
    {
        var inline = Recipe(fields);
        var node = fields.Find("channels", nullable: true);
        var stated = node switch
        {
            null => new ChannelsPlan(),
            ScalarNode { Text: PlanWords.AllChannels } => new ChannelsPlan { All = true },
            SequenceNode => new ChannelsPlan { Explicit = fields.Values("channels", ChannelsExpected, "a whole number, a 0-based channel", PlanValues.Whole) },
            _ => PlanFields.Of(reading, node, fields.At("channels"), ChannelsExpected, inner => Recipe(inner) with
            {
                Explicit = inner.Values("explicit", "a list of channels", "a whole number, a 0-based channel", PlanValues.Whole),
                All = inner.Flag("all") ?? false,
                File = inner.Text("file", "a bottleneck file"),
            }) ?? new ChannelsPlan(),
        };
        if (stated.File is not null && fields.Find("site") is { } site)
            reading.Add(site.Line, site.Column, fields.At("site"), "found a site beside a bottleneck file, expected the file to say it");
        if (node is not null && inline != new ChannelsPlan())
            reading.Add(node.Line, node.Column, fields.At("channels"), "found channels and a recipe beside it, expected one of them");
        return node is null ? inline : stated;
    }

    private static ChannelsPlan Recipe(PlanFields fields) => new()
    {
        Top = fields.Whole("top", "a whole number of channels"),
        By = fields.Text("by", PlanWords.OneOf(PlanWords.ChannelScores), nullable: true),
        Random = fields.Whole("random", "a whole number of channels"),
        Seeds = fields.Values("seeds", "a list of whole numbers", "a whole number", PlanValues.Long),
    };
}
