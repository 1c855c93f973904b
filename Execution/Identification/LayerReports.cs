using Sweep.Models.Identification;

namespace Sweep.Execution.Identification;

/// <summary>Layers of a result out of what the texts showed.</summary>
internal static class LayerReports
{
    public static LayerReport Of(int layer, TextDiagnostics diagnostics) => new()
    {
        Layer = layer,
        LogitLensEntropy = diagnostics.LogitLensEntropy[layer],
        Cka = diagnostics.Cka[layer],
        Sites = [.. diagnostics.Sites.Where(site => site.Layer == layer).Select(Of)],
    };

    private static SiteReport Of(SiteDiagnostics site) => new()
    {
        Site = site.Site.ToString(),
        VarianceOverTexts = site.Moments.VarianceOverTexts.Average(),
        VarianceOverPositions = site.Moments.VarianceOverPositions.Average(),
        MeanAbsolute = site.Moments.MeanAbsolute.Average(),
        Kurtosis = site.Moments.Kurtosis.Average(),
        RankParticipation = site.Rank?.Participation,
        RankEntropy = site.Rank?.Entropy,
        SoftmaxEntropy = site.SoftmaxEntropy,
        NormalEntropy = site.NormalEntropy,
    };
}
