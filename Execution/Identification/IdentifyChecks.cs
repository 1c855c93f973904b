using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Files;
using Sweep.Models.Architectures;
using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>What must hold of a request before anything runs; every problem is written down.</summary>
internal static class IdentifyChecks
{
    /// <summary>Ascending and distinct.</summary>
    public static int[] Layers(IdentifyRequest request, ModelConfig config, List<string> problems)
    {
        foreach (var layer in (request.Layers ?? []).Where(layer => layer < 0 || layer >= config.LayerCount))
            problems.Add($"layers: found {layer}, expected 0..{config.LayerCount - 1}");
        if (request.Layers is { } layers)
            return [.. layers.Distinct().Order()];
        return request.AllLayers ? [.. Enumerable.Range(0, config.LayerCount)] : [(int)Math.Floor(IdentifyRequest.UsualDepth * config.LayerCount)];
    }

    public static Site[] Sites(IReadOnlyList<string> names, List<string> problems)
    {
        var sites = new List<Site>();
        foreach (var name in names)
        {
            if (PlanWords.Sites.Contains(name) && Enum.Parse<Site>(name) is var site && SteerableSites.Contains(site))
                sites.Add(site);
            else
                problems.Add($"sites: found '{name}', expected some of {string.Join(", ", SteerableSites.All)}");
        }

        if (names.Count == 0)
            problems.Add("sites: found none, expected at least one");
        return [.. sites.Distinct()];
    }

    public static void Recipes(IdentifyRequest request, string device, List<string> problems)
    {
        foreach (var unknown in request.Recipes.Where(recipe => !ChannelRecipes.All.Contains(recipe)))
            problems.Add($"by: found '{unknown}', expected some of {string.Join(", ", ChannelRecipes.All)}");
        if (request.Recipes.FirstOrDefault(ChannelRecipes.NeedItems) is { } overItems && request.Benchmarks.Count == 0)
            problems.Add($"by: found '{overItems}', which is measured on items, and no benchmark, expected at least one");
        if (request.Recipes.FirstOrDefault(GradientRecipes.Contains) is { } gradient)
        {
            if (request.Precision != "fp32" || !device.StartsWith("cpu", StringComparison.Ordinal))
                problems.Add($"by: found '{gradient}' in {request.Precision} on {device}, expected fp32 on cpu: only there gradients are taken");
            if (!request.Sites.Any(site => Enum.TryParse<Site>(site, out var parsed) && GradientAttribution.Supports(parsed)))
                problems.Add($"by: found '{gradient}' at {string.Join(", ", request.Sites)}, expected one of SsmOutput, GatedOutput, MixerOutput, ResidualPost among the sites");
        }

        if (request.Recipes.Contains(ImpactRecipes.Scaling) && request.Scalars.All(scalar => scalar == 1))
            problems.Add("scalars: found none but 1, expected one that changes something");
        if (request.Scalars.Any(scalar => !float.IsFinite((float)scalar)))
            problems.Add("scalars: not all are finite");
    }

    public static CalibrationText? ReadText(CalibrationPlan plan, PlanFiles files, ContentHashes hashes, List<string> problems)
    {
        if (files.FindFile(plan.Data, out var problem) is not { } path)
        {
            problems.Add($"texts: {problem}");
            return null;
        }

        try
        {
            return CalibrationText.Read(path, plan, hashes);
        }
        catch (InvalidPlanException failure)
        {
            problems.AddRange(failure.Problems.Select(one => one.Replace("calibration.data", "texts", StringComparison.Ordinal)));
            return null;
        }
    }

    /// <summary>A bottleneck file's place and channels, where no plan has been checked with them.</summary>
    public static void Place(BottleneckFile file, string place, ModelConfig config, List<string> problems)
    {
        if (!Enum.TryParse<Site>(file.Site, out var site) || !SteerableSites.Contains(site))
        {
            problems.Add($"{place}: found site '{file.Site}', expected one of {string.Join(", ", SteerableSites.All)}");
            return;
        }

        var width = SteerableSites.Width(site, config);
        if (file.Layer < 0 || file.Layer >= config.LayerCount)
            problems.Add($"{place}: found layer {file.Layer}, expected 0..{config.LayerCount - 1}");
        if (file.Channels.Count == 0 || file.Channels.Any(channel => channel < 0 || channel >= width))
            problems.Add($"{place}: found channels {string.Join(", ", file.Channels)}, expected some of 0..{width - 1}");
        if (file.Scores.Count != width)
            problems.Add($"{place}: found {file.Scores.Count} scores, expected {width}");
    }

    public static void Top(IdentifyRequest request, IEnumerable<Site> sites, ModelConfig config, List<string> problems)
    {
        foreach (var site in sites.Where(site => request.Top < 1 || request.Top > SteerableSites.Width(site, config)))
            problems.Add($"top: found {request.Top}, expected 1 to {SteerableSites.Width(site, config)}, the width of {site}");
    }
}
