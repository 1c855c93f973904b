using Sweep.Contracts.Plans;
using Sweep.Execution.Files;
using Sweep.Execution.Residency;

namespace Sweep.Execution.Planning;

/// <summary>A model of the plan, not loaded.</summary>
internal sealed record OpenModel(ResolvedModel Resolved, ModelFacts Facts, string Folder);

/// <summary>Looks into the plan's model folders.</summary>
internal sealed class ModelResolver(PlanFiles files, IModelLoader loader)
{
    /// <param name="plan">The plan.</param>
    /// <param name="pins">What its models of a hub are now, by how the plan names them.</param>
    /// <param name="problems">What is wrong is added.</param>
    public IReadOnlyList<OpenModel> Resolve(SweepPlan plan, IReadOnlyDictionary<string, HubProvenance> pins, List<string> problems)
    {
        var models = new List<OpenModel>();
        for (var index = 0; index < plan.Models.Count; index++)
        {
            var (name, place) = (plan.Models[index], $"models[{index}]");
            if (pins.TryGetValue(name, out var pin))
            {
                if (Open($"{HubModel.Prefix}{pin.Repository}@{pin.Commit}", place, problems) is { } pinned)
                    models.Add(pinned with { Resolved = pinned.Resolved with { Name = HubModel.ResultName(name), Hub = pin } });
            }
            else if (!HubModel.IsNamedBy(name) && Open(name, place, problems) is { } model)
            {
                models.Add(model);
            }
        }

        foreach (var twice in models.GroupBy(model => model.Resolved.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add($"models: {twice.Count()} folders are named '{twice.Key}', results could not tell them apart");
        return models;
    }

    /// <summary>One folder; null with a problem.</summary>
    public OpenModel? Open(string path, string place, List<string> problems)
    {
        if (files.FindFolder(path, out var problem) is not { } folder)
        {
            problems.Add($"{place}: {problem}");
            return null;
        }

        ModelFacts facts;
        try
        {
            facts = loader.Inspect(folder);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            problems.Add($"{place}: {failure.Message}");
            return null;
        }

        var config = facts.Config;
        return new OpenModel(
            new ResolvedModel
            {
                Name = HubModel.IsNamedBy(path) ? HubModel.ResultName(path) : Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
                Path = path,
                WeightsHash = facts.WeightsHash,
                TokenizerHash = facts.TokenizerHash,
                ModelType = config.ModelType,
                MixerNormGroups = config.MixerNormGroups,
                Notes = config.Notes.Count == 0 ? null : config.Notes,
                Layers = config.LayerCount,
                DModel = config.DModel,
                DInner = config.DInner,
                BlockMultiplyAdds = config.BlockMultiplyAdds,
                Parameters = facts.Parameters,
            },
            facts,
            folder);
    }
}
