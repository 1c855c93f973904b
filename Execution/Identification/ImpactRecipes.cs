using System.Globalization;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>
/// Scores of channels by what really happens when one of them alone is changed: the largest |mean effect on the gold log-likelihood| over the
/// changes that a recipe makes.
/// </summary>
internal static class ImpactRecipes
{
    public const string Scaling = "scaling";
    public const string Ablation = "ablation";

    public static bool Contains(string recipe) => recipe is Scaling or Ablation;

    /// <summary>The changes by name, each of one channel.</summary>
    public static IReadOnlyList<(string Name, Intervention Change)> Changes(string recipe, int layer, Site site, int channel, IReadOnlyList<double> scalars) => recipe switch
    {
        Scaling => [.. scalars.Select(scalar => (scalar.ToString(CultureInfo.InvariantCulture), One(layer, site, channel, Operation.Scale, scalar)))],
        Ablation => [("ablated", One(layer, site, channel, Operation.ZeroAblate, 1))],
        _ => throw new ArgumentOutOfRangeException(nameof(recipe), recipe, "no recipe over items"),
    };

    /// <param name="changes">[change][channel]: mean effects; null: not known, which leaves the channel without a score.</param>
    public static double?[] Scores(IReadOnlyList<IReadOnlyList<double?>> changes) =>
        [.. Enumerable.Range(0, changes[0].Count).Select(channel => changes.Any(change => change[channel] is null) ? null : changes.Max(change => Magnitude(change[channel])))];

    private static double? Magnitude(double? effect) => effect is { } value ? Math.Abs(value) : null;

    private static Intervention One(int layer, Site site, int channel, Operation operation, double scalar) =>
        new() { Layer = layer, Site = site, Operation = operation, Scalar = scalar, Channels = [channel] };
}
