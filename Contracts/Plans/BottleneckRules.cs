namespace Sweep.Contracts.Plans;

/// <summary>What must hold of bottlenecks, parts and channel recipes.</summary>
internal static class BottleneckRules
{
    private const int HighestLayer = 9_999;
    private const int MostParts = 256;
    private const int MostChannels = 1_000_000;
    private const int MostItems = 1_000_000;
    private const int MostSeeds = 10_000;

    public static void Check(SweepPlan plan, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        check.NotEmpty(plan.Bottlenecks, "bottlenecks", "a bottleneck");
        check.Distinct([.. plan.Bottlenecks.Select(bottleneck => bottleneck.Name)], index => $"bottlenecks[{index}].name", "a name");
        Scalars(plan.Scalars, "scalars", problems);
        if (plan.Identify is { } identify)
        {
            check.Between(identify.Items, 1, MostItems, "identify.items");
            Scalars(identify.Scalars, "identify.scalars", problems);
            if (identify.Scalars.All(scalar => scalar == 1))
                problems.Add(new PlanProblem("identify.scalars", "found none but 1, expected one that changes something"));
        }

        for (var index = 0; index < plan.Bottlenecks.Count; index++)
            Bottleneck(plan, plan.Bottlenecks[index], $"bottlenecks[{index}]", problems);
    }

    private static void Bottleneck(SweepPlan plan, BottleneckPlan bottleneck, string path, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        check.Name(bottleneck.Name, $"{path}.name");
        IReadOnlyList<(BottleneckPartPlan Part, string Path)> parts;
        if (bottleneck.Parts is null)
        {
            parts = [(AsPart(bottleneck), path)];
        }
        else
        {
            if (bottleneck.Parts.Count is 0 or > MostParts)
                problems.Add(new PlanProblem($"{path}.parts", $"found {bottleneck.Parts.Count} parts, expected 1 to {MostParts}"));
            foreach (var field in BesideParts(bottleneck))
                problems.Add(new PlanProblem($"{path}.{field}", $"found {field} beside parts, expected it in each part"));
            parts = [.. bottleneck.Parts.Select((part, index) => (part, $"{path}.parts[{index}]"))];
        }

        foreach (var (part, partPath) in parts)
            Part(plan, part, partPath, isPart: bottleneck.Parts is not null, problems);

        var takesScalar = parts.Any(part => PlanWords.TakesScalar(part.Part.Operation));
        if (bottleneck.Scalars is { } own)
        {
            Scalars(own, $"{path}.scalars", problems);
            if (!takesScalar && own.Count > 0)
                problems.Add(new PlanProblem($"{path}.scalars", "found scalars, expected none: an ablation has no scalar"));
        }

        if (takesScalar && parts.All(part => PlanWords.Operations.Contains(part.Part.Operation)) && (bottleneck.Scalars ?? plan.Scalars).Count == 0)
            problems.Add(new PlanProblem(bottleneck.Scalars is null ? "scalars" : $"{path}.scalars", $"found no scalars, expected at least one for bottleneck {PlanChecks.Shown(bottleneck.Name)}"));
    }

    /// <summary>Fields that say something where only parts may.</summary>
    private static IEnumerable<string> BesideParts(BottleneckPlan bottleneck)
    {
        var silent = new BottleneckPartPlan();
        (string Field, bool Given)[] fields =
        [
            ("layer", bottleneck.Layer is not null),
            ("depth", bottleneck.Depth is not null),
            ("site", bottleneck.Site != silent.Site),
            ("operation", bottleneck.Operation != silent.Operation),
            ("positions", bottleneck.Positions != silent.Positions),
            ("channels", Recipes(bottleneck.Channels) != 0),
            ("values", bottleneck.Values is not null),
        ];
        return fields.Where(field => field.Given).Select(field => field.Field);
    }

    private static void Part(SweepPlan plan, BottleneckPartPlan part, string path, bool isPart, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        if (part.Channels.File is not null)
            FromFile(part, path, problems);
        else if (part.Layer is null == part.Depth is null)
            problems.Add(new PlanProblem(path, $"found {(part.Layer is null ? "neither layer nor depth" : "both layer and depth")}, expected one of them"));
        check.Between(part.Layer, 0, HighestLayer, $"{path}.layer");
        if (part.Depth is { } depth && !(depth is >= 0 and < 1))
            problems.Add(new PlanProblem($"{path}.depth", $"found {PlanChecks.Shown(depth)}, expected a number from 0 to below 1"));
        check.Word(part.Site, PlanWords.Sites, $"{path}.site");
        check.Word(part.Operation, PlanWords.Operations, $"{path}.operation");
        check.Word(part.Positions, PlanWords.Positions, $"{path}.positions");
        Channels(part.Channels, path, isPart, problems);
        if (PlanWords.ItemScores.Contains(part.Channels.By) && PlanValidator.Folds(plan) is { } folds)
            problems.Add(new PlanProblem($"{path}.by", $"found {PlanChecks.Shown(part.Channels.By)} beside {folds} folds, expected a split of shares, or a recipe over texts: what is measured on items is measured on selection items, and of folds every item is reported"));
        if (part.Values is { } values)
        {
            if (part.Operation != "add")
                problems.Add(new PlanProblem($"{path}.values", $"found values for {PlanChecks.Shown(part.Operation)}, expected none: only add takes them"));
            check.Numbers(values, $"{path}.values", distinct: false);
            var count = part.Channels.Explicit?.Count ?? part.Channels.Top ?? part.Channels.Random;
            if (count is { } channels && channels != values.Count)
                problems.Add(new PlanProblem($"{path}.values", $"found {values.Count} values, expected {channels}, one a channel"));
        }

        var overTexts = part.Channels.Top is not null && (part.Channels.By == PlanWords.MeanAblation || !PlanWords.ItemScores.Contains(part.Channels.By));
        if (plan.Calibration is null && (overTexts || part.Operation == "mean_ablate"))
            problems.Add(new PlanProblem(path, $"found {(overTexts ? "a top recipe" : "mean_ablate")} in a plan without calibration, expected a field calibration with its text"));
    }

    private static void FromFile(BottleneckPartPlan part, string path, List<PlanProblem> problems)
    {
        (string Field, bool Given)[] said = [("layer", part.Layer is not null), ("depth", part.Depth is not null), ("site", part.Site != new BottleneckPartPlan().Site), ("values", part.Values is not null)];
        foreach (var (field, _) in said.Where(field => field.Given))
            problems.Add(new PlanProblem($"{path}.{field}", $"found {field} beside a bottleneck file, expected none"));
        if (part.Channels.File is "" or null)
            problems.Add(new PlanProblem($"{path}.channels.file", "found no name, expected a bottleneck file"));
    }

    private static void Channels(ChannelsPlan channels, string path, bool isPart, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        var recipes = Recipes(channels);
        if (recipes != 1)
            problems.Add(new PlanProblem($"{path}.channels", $"found {(recipes == 0 ? "no channels" : "several recipes")}, expected exactly one of: a list of channels, all, top (with by), random (with seeds), file"));
        if (channels.Explicit is { } chosen)
        {
            check.NotEmpty(chosen, $"{path}.channels", "one channel");
            for (var index = 0; index < chosen.Count; index++)
                check.Between(chosen[index], 0, MostChannels, $"{path}.channels[{index}]");
            check.Distinct(chosen, index => $"{path}.channels[{index}]", "a channel");
        }

        check.Between(channels.Top, 1, MostChannels, $"{path}.top");
        check.Between(channels.Random, 1, MostChannels, $"{path}.random");
        if (channels.By is { } by)
            check.Word(by, PlanWords.ChannelScores, $"{path}.by");
        if (channels.Top is null != channels.By is null)
            problems.Add(new PlanProblem(path, $"found {(channels.Top is null ? "by without top" : "top without by")}, expected both"));
        if (channels.Random is null != channels.Seeds is null)
            problems.Add(new PlanProblem(path, $"found {(channels.Random is null ? "seeds without random" : "random without seeds")}, expected both"));
        if (channels.Seeds is { } seeds)
        {
            if (seeds.Count is 0 or > MostSeeds || (isPart && seeds.Count != 1))
                problems.Add(new PlanProblem($"{path}.seeds", $"found {seeds.Count} seeds, expected {(isPart ? "one in a part" : $"1 to {MostSeeds}")}"));
            check.Distinct(seeds, index => $"{path}.seeds[{index}]", "a seed");
        }
    }

    private static void Scalars(IReadOnlyList<double> scalars, string path, List<PlanProblem> problems)
    {
        if (scalars.Count > PlanValidator.MostScalars)
            problems.Add(new PlanProblem(path, $"found {scalars.Count} scalars, expected at most {PlanValidator.MostScalars}"));
        new PlanChecks(problems).Numbers(scalars, path, distinct: true);
    }

    private static int Recipes(ChannelsPlan channels) =>
        (channels.Explicit is null ? 0 : 1) + (channels.All ? 1 : 0) + (channels.Top is null ? 0 : 1) + (channels.Random is null ? 0 : 1) + (channels.File is null ? 0 : 1);

    private static BottleneckPartPlan AsPart(BottleneckPlan bottleneck) => new()
    {
        Layer = bottleneck.Layer,
        Depth = bottleneck.Depth,
        Site = bottleneck.Site,
        Operation = bottleneck.Operation,
        Positions = bottleneck.Positions,
        Channels = bottleneck.Channels,
        Values = bottleneck.Values,
    };
}
