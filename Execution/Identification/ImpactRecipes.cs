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

    /// <summary>Scalars that change anything, each once.</summary>
    public static IEnumerable<double> Changing(IReadOnlyList<double> scalars) => scalars.Where(scalar => scalar != 1).Select(scalar => scalar == 0 ? 0 : scalar).Distinct();

    /// <summary>How a change is called.</summary>
    /// <param name="scalar">Null: an ablation.</param>
    public static string NameOf(double? scalar) => scalar is { } factor ? factor.ToString(CultureInfo.InvariantCulture) : "ablated";

    /// <summary>The changes by name, each of one channel.</summary>
    public static IReadOnlyList<(string Name, Intervention Change)> Changes(string recipe, int layer, Site site, int channel, IReadOnlyList<double> scalars) => recipe switch
    {
        Scaling => [.. Changing(scalars).Select(scalar => (NameOf(scalar), One(layer, site, channel, Operation.Scale, scalar)))],
        Ablation => [(NameOf(null), One(layer, site, channel, Operation.ZeroAblate, 1))],
        _ => throw new ArgumentOutOfRangeException(nameof(recipe), recipe, "no recipe over items"),
    };

    /// <param name="changes">[change][channel]: mean effects; null: not known, which leaves the channel without a score.</param>
    public static double?[] Scores(IReadOnlyList<IReadOnlyList<double?>> changes) =>
        [.. Enumerable.Range(0, changes[0].Count).Select(channel => changes.Any(change => change[channel] is null) ? null : changes.Max(change => Magnitude(change[channel])))];

    private static double? Magnitude(double? effect) => effect is { } value ? Math.Abs(value) : null;

    private static Intervention One(int layer, Site site, int channel, Operation operation, double scalar) =>
        new() { Layer = layer, Site = site, Operation = operation, Scalar = scalar, Channels = [channel] };
}
