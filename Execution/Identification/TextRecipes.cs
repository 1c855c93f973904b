using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Scores of channels that moments over texts give.</summary>
internal static class TextRecipes
{
    public const string Variance = "variance";
    public const string MeanAbsolute = "mean_absolute";
    public const string Kurtosis = "kurtosis";

    public static bool Contains(string recipe) => recipe is Variance or MeanAbsolute or Kurtosis;

    public static ChannelRanking Rank(string recipe, (int Layer, Site Site) place, TextDiagnostics diagnostics)
    {
        var (even, odd) = diagnostics.Halves[place];
        return new ChannelRanking
        {
            Recipe = recipe,
            Layer = place.Layer,
            Site = place.Site,
            Scores = Scores(recipe, diagnostics.Sites.First(site => (site.Layer, site.Site) == place).Moments),
            Halves = odd.Texts == 0 ? null : (Scores(recipe, even), Scores(recipe, odd)),
        };
    }

    private static IReadOnlyList<double?> Scores(string recipe, ChannelMoments moments) => recipe switch
    {
        Variance => [.. moments.VarianceOverTexts],
        MeanAbsolute => [.. moments.MeanAbsolute],
        Kurtosis => moments.Kurtosis,
        _ => throw new ArgumentOutOfRangeException(nameof(recipe), recipe, "no recipe over texts"),
    };
}
