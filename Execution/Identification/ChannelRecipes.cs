namespace Sweep.Execution.Identification;

/// <summary>The recipes by which channels can be ranked.</summary>
public static class ChannelRecipes
{
    /// <summary>Over texts: a statistic of the activation.</summary>
    public static IReadOnlyList<string> OverTexts { get; } = [TextRecipes.Variance, TextRecipes.MeanAbsolute, TextRecipes.Kurtosis];

    /// <summary>Over items of the selection split: what a change of the channel does to the gold log-likelihood.</summary>
    public static IReadOnlyList<string> OverItems { get; } = [ImpactRecipes.Scaling, ImpactRecipes.Ablation];

    public static IReadOnlyList<string> All { get; } = [.. OverTexts, .. OverItems];
}
