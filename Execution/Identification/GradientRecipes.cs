using Sweep.Execution.Running;
using Sweep.Models.Identification;

namespace Sweep.Execution.Identification;

/// <summary>Scores of channels by gradients of the gold log-likelihood: |mean over items| of what <see cref="GradientAttribution"/> gives them.</summary>
internal static class GradientRecipes
{
    public const string Gradient = "gradient";
    public const string Integrated = "integrated_gradients";

    public static bool Contains(string recipe) => recipe is Gradient or Integrated;

    /// <summary>The item's prompt with its gold, of several the first: what all its endings have in common is said, then any of them ends it; of endings that differ in more, the first.</summary>
    public static AttributedText Text(PreparedItem item)
    {
        var endings = item.Golds[item.Item.Gold ?? 0].Continuations;
        var said = endings[0].Take(endings[0].Count - 1).ToArray();
        var alike = endings.Where(ending => ending.Count == endings[0].Count && ending.Take(said.Length).SequenceEqual(said));
        return new AttributedText(item.Prompt.Tokens, said, [.. alike.Select(ending => ending[^1]).Distinct()]);
    }
}
