using System.Globalization;
using Sweep.Contracts.Plans;
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

    /// <summary>Instead of by 0, the channel is replaced by its mean over the calibration text.</summary>
    public const string MeanAblation = PlanWords.MeanAblation;

    public static bool Contains(string recipe) => recipe is Scaling or Ablation or MeanAblation;

    /// <summary>What an intervention of the recipe does.</summary>
    public static Operation OperationOf(string recipe) => recipe switch
    {
        Scaling => Operation.Scale,
        Ablation => Operation.ZeroAblate,
        MeanAblation => Operation.MeanAblate,
        _ => throw new ArgumentOutOfRangeException(nameof(recipe), recipe, "no recipe over items"),
    };

    /// <summary>The recipe whose interventions do this.</summary>
    public static string Of(Operation operation) => operation switch
    {
        Operation.Scale => Scaling,
        Operation.ZeroAblate => Ablation,
        Operation.MeanAblate => MeanAblation,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "no recipe over items"),
    };

    /// <summary>Scalars that change anything, each once.</summary>
    public static IEnumerable<double> Changing(IReadOnlyList<double> scalars) => scalars.Where(scalar => scalar != 1).Select(scalar => scalar == 0 ? 0 : scalar).Distinct();

    /// <summary>How a change is called.</summary>
    /// <param name="scalar">Of scaling.</param>
    public static string NameOf(string recipe, double? scalar) => recipe switch
    {
        Scaling => scalar!.Value.ToString(CultureInfo.InvariantCulture),
        Ablation => "ablated",
        _ => "mean",
    };

    /// <summary>The changes by name, each of one channel.</summary>
    /// <param name="mean">The channel's over the calibration text; only mean ablation looks at it.</param>
    public static IReadOnlyList<(string Name, Intervention Change)> Changes(string recipe, int layer, Site site, int channel, IReadOnlyList<double> scalars, double? mean)
    {
        var change = new Intervention { Layer = layer, Site = site, Operation = OperationOf(recipe), Channels = [channel], Values = recipe == MeanAblation ? [mean!.Value] : null };
        return recipe == Scaling
            ? [.. Changing(scalars).Select(scalar => (NameOf(recipe, scalar), change with { Scalar = scalar }))]
            : [(NameOf(recipe, null), change)];
    }

    /// <param name="changes">[change][channel]: mean effects; null: not known, which leaves the channel without a score.</param>
    public static double?[] Scores(IReadOnlyList<IReadOnlyList<double?>> changes) =>
        [.. Enumerable.Range(0, changes[0].Count).Select(channel => changes.Any(change => change[channel] is null) ? null : changes.Max(change => Magnitude(change[channel])))];

    private static double? Magnitude(double? effect) => effect is { } value ? Math.Abs(value) : null;
}
