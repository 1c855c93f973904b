namespace Sweep.Execution.Identification;

/// <summary>The recipes by which channels can be ranked.</summary>
public static class ChannelRecipes
{
    /// <summary>Over texts: a statistic of the activation.</summary>
    public static IReadOnlyList<string> OverTexts { get; } = [TextRecipes.Variance, TextRecipes.MeanAbsolute, TextRecipes.Kurtosis];

    /// <summary>Over items of the selection split: what a change of the channel does to the gold log-likelihood.</summary>
    public static IReadOnlyList<string> OverItems { get; } = [ImpactRecipes.Scaling, ImpactRecipes.Ablation, ImpactRecipes.MeanAblation];

    /// <summary>Those that take time or cannot be computed everywhere, and so have to be asked for.</summary>
    public static IReadOnlyList<string> OnRequest { get; } = [AttentionRecipe.Name, GradientRecipes.Gradient, GradientRecipes.Integrated];

    public static IReadOnlyList<string> All { get; } = [.. OverTexts, .. OverItems, .. OnRequest];

    /// <summary>Measured on items.</summary>
    internal static bool NeedItems(string recipe) => ImpactRecipes.Contains(recipe) || GradientRecipes.Contains(recipe);
}
