using Sweep.Contracts.Plans;
using Sweep.Models.Architectures;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning;

/// <summary>Checks a plan's bottlenecks against a model's sizes and writes down every problem.</summary>
internal static class BottleneckReader
{
    /// <summary>One for each bottleneck, and for random recipes one for each seed.</summary>
    public static IReadOnlyList<OpenBottleneck> Read(SweepPlan plan, OpenModel model, BottleneckFiles files, List<string> problems)
    {
        var opened = new List<OpenBottleneck>();
        for (var index = 0; index < plan.Bottlenecks.Count; index++)
        {
            var bottleneck = plan.Bottlenecks[index];
            var place = $"bottlenecks[{index}] ({bottleneck.Name})";
            var before = problems.Count;
            var parts = Parts(bottleneck).Select((part, number) =>
                Open(part, bottleneck.Parts is null ? place : $"{place}.parts[{number}]", model, files, problems)).ToArray();
            var seeds = Seeds(parts, place, problems);
            var scalars = Scalars(bottleneck.Scalars ?? plan.Scalars, parts, bottleneck.Scalars is null ? "scalars" : $"{place}.scalars", problems);
            if (problems.Count > before)
                continue;
            if (seeds == 0)
                opened.Add(new OpenBottleneck { Name = bottleneck.Name, Parts = parts!, Scalars = scalars });
            for (var seed = 0; seed < seeds; seed++)
            {
                var seeded = parts.Select(part => part!.Channels.Random is null ? part : part with { Seed = part.Channels.Seeds![seed] }).ToArray();
                var first = seeded.First(part => part.Seed is not null).Seed;
                opened.Add(new OpenBottleneck { Name = $"{bottleneck.Name} (seed {first})", Parts = seeded, Scalars = scalars });
            }
        }

        foreach (var name in opened.GroupBy(bottleneck => bottleneck.Name).Where(group => group.Count() > 1).Select(group => group.Key))
            problems.Add($"bottlenecks: the name '{name}' is used more than once");
        return opened;
    }

    private static IReadOnlyList<BottleneckPartPlan> Parts(BottleneckPlan bottleneck) => bottleneck.Parts ??
    [
        new BottleneckPartPlan
        {
            Layer = bottleneck.Layer,
            Depth = bottleneck.Depth,
            Site = bottleneck.Site,
            Operation = bottleneck.Operation,
            Positions = bottleneck.Positions,
            Channels = bottleneck.Channels,
            Values = bottleneck.Values,
        },
    ];

    private static OpenPart? Open(BottleneckPartPlan part, string place, OpenModel model, BottleneckFiles files, List<string> problems)
    {
        if (part.Channels.File is not { } name)
            return Open(part, place, model.Resolved.Name, model.Facts.Config, problems);
        var before = problems.Count;
        if (files.Read(name, place, problems) is not { } file)
            return null;
        BottleneckFiles.Check(file, place, model.Resolved.Name, model.Facts.WeightsHash, problems);
        if (problems.Count > before)
            return null;
        var stated = part with { Layer = file.Layer, Depth = null, Site = file.Site, Channels = new ChannelsPlan { Explicit = file.Channels } };
        return Open(stated, place, model.Resolved.Name, model.Facts.Config, problems) is { } open ? open with { FoundBy = $"{file.Recipe}, by {name}", Source = new IdentifiedSource(name, file) } : null;
    }

    private static OpenPart? Open(BottleneckPartPlan part, string place, string model, ModelConfig config, List<string> problems)
    {
        var before = problems.Count;
        var layer = Layer(part, place, model, config, problems);
        if (!Enum.TryParse<Site>(part.Site, out var site) || !Enum.IsDefined(site) || char.IsAsciiDigit(part.Site[0]))
            problems.Add($"{place}.site: unknown site '{part.Site}', expected one of {string.Join(", ", SteerableSites.All)}");
        else if (!SteerableSites.Contains(site))
            problems.Add($"{place}.site: {site} cannot be steered, expected one of {string.Join(", ", SteerableSites.All)}");
        Operation? operation = part.Operation switch
        {
            "scale" => Operation.Scale,
            "zero_ablate" => Operation.ZeroAblate,
            "mean_ablate" => Operation.MeanAblate,
            "add" => Operation.Add,
            _ => null,
        };
        if (operation is null)
            problems.Add($"{place}.operation: unknown operation '{part.Operation}', expected scale, zero_ablate, mean_ablate or add");
        PositionScope? positions = part.Positions switch
        {
            "all" => PositionScope.All,
            "prompt" => PositionScope.Prompt,
            "generated" => PositionScope.Generated,
            "last" => PositionScope.Last,
            _ => null,
        };
        if (positions is null)
            problems.Add($"{place}.positions: unknown positions '{part.Positions}', expected all, prompt, generated or last");
        if (problems.Count > before)
            return null;

        var open = new OpenPart
        {
            Layer = layer,
            Site = site,
            Width = SteerableSites.Width(site, config),
            Operation = operation!.Value,
            Positions = positions!.Value,
            Channels = part.Channels,
            Values = part.Values,
        };
        Check(open, place, model, problems);
        return problems.Count > before ? null : open;
    }

    private static int Layer(BottleneckPartPlan part, string place, string model, ModelConfig config, List<string> problems)
    {
        if (part.Layer is { } layer)
        {
            if (layer < 0 || layer >= config.LayerCount)
                problems.Add($"{place}.layer: found {layer} of model '{model}', expected 0..{config.LayerCount - 1}");
            return layer;
        }

        if (part.Depth is not { } depth)
            problems.Add($"{place}: neither layer nor depth is given");
        else if (!(depth >= 0 && depth < 1))
            problems.Add($"{place}.depth: found {depth}, expected 0 to below 1");
        else
            return (int)Math.Floor(depth * config.LayerCount);
        return 0;
    }

    private static void Check(OpenPart part, string place, string model, List<string> problems)
    {
        var channels = part.Channels;
        var at = $"of {part.Site} of model '{model}'";
        if (channels.Explicit is { } chosen)
        {
            foreach (var channel in chosen.Where(channel => channel < 0 || channel >= part.Width))
                problems.Add($"{place}.channels.explicit: found channel {channel} {at}, expected 0..{part.Width - 1}");
            foreach (var twice in chosen.GroupBy(channel => channel).Where(group => group.Count() > 1))
                problems.Add($"{place}.channels.explicit: channel {twice.Key} stands there {twice.Count()} times, expected once");
        }

        if (channels.Top is { } top && !PlanWords.ChannelScores.Contains(channels.By))
            problems.Add($"{place}.channels.by: unknown score '{channels.By}' for top {top}, expected {string.Join(", ", PlanWords.ChannelScores)}");
        if (channels.Random is not null && channels.Seeds is not { Count: > 0 })
            problems.Add($"{place}.channels.seeds: none is given, expected at least one");
        if (part.Size < 1 || part.Size > part.Width)
            problems.Add($"{place}.channels: found {part.Size} channels {at}, expected 1 to {part.Width}");
        if (part.Values is { } values)
        {
            if (part.Operation != Operation.Add)
                problems.Add($"{place}.values: only add takes values");
            else if (values.Count != part.Size)
                problems.Add($"{place}.values: {values.Count} values for {part.Size} channels");
            if (values.Any(value => !double.IsFinite(value)))
                problems.Add($"{place}.values: not all are finite");
        }
    }

    private static int Seeds(OpenPart?[] parts, string place, List<string> problems)
    {
        var counts = parts.OfType<OpenPart>().Where(part => part.Channels.Random is not null).Select(part => part.Channels.Seeds!.Count).Distinct().ToArray();
        if (counts.Length > 1)
            problems.Add($"{place}: its random parts have different numbers of seeds");
        return counts.FirstOrDefault();
    }

    private static double[] Scalars(IReadOnlyList<double> asked, OpenPart?[] parts, string place, List<string> problems)
    {
        var operations = parts.OfType<OpenPart>().Select(part => part.Operation).ToHashSet();
        if (!operations.Contains(Operation.Scale) && !operations.Contains(Operation.Add))
            return [];
        foreach (var scalar in asked.Where(scalar => !double.IsFinite(scalar)))
            problems.Add($"{place}: {scalar}, expected finite numbers");
        var scalars = asked.ToHashSet();
        if (operations.Contains(Operation.Scale))
            scalars.Add(1);
        if (operations.Contains(Operation.Add))
            scalars.Add(0);

        // -0 is the same multiplier as 0 and must be the same job.
        return [.. scalars.Select(scalar => scalar == 0 ? 0 : scalar).Distinct().Order()];
    }
}
