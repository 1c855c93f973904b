using Sweep.Models.Architectures;

namespace Sweep.Models.Steering;

/// <summary>The one list of the sites at which interventions work, and how wide each site is.</summary>
public static class SteerableSites
{
    private static readonly Site[] Sites =
    [
        Site.ResidualPre, Site.Convolution, Site.Delta, Site.SsmOutput, Site.Gate, Site.GatedOutput, Site.MixerOutput, Site.ResidualPost,
    ];

    /// <summary>In the order in which a block computes them.</summary>
    public static IReadOnlyList<Site> All => Sites;

    public static bool Contains(Site site) => Array.IndexOf(Sites, site) >= 0;

    /// <summary>Channels of a site's last axis.</summary>
    public static int Width(Site site, ModelConfig config) => config.Width(site);

    /// <summary>Throws <see cref="NotSupportedException"/> for a site that cannot be steered, <see cref="ArgumentException"/> for anything else that does not fit the model.</summary>
    public static void Validate(Intervention intervention, ModelConfig config)
    {
        if (!Contains(intervention.Site))
            throw new NotSupportedException($"site {intervention.Site} cannot be steered; these can: {string.Join(", ", Sites)}");
        if (intervention.Layer < 0 || intervention.Layer >= config.LayerCount)
            throw new ArgumentException($"layer {intervention.Layer} does not lie in 0..{config.LayerCount - 1}");
        var width = Width(intervention.Site, config);
        var previous = -1;
        foreach (var channel in intervention.Channels)
        {
            if (channel <= previous || channel >= width)
            {
                throw new ArgumentException(
                    $"channel {channel} of {intervention.Site} at layer {intervention.Layer}: channels ascend, are distinct and lie in 0..{width - 1}");
            }

            previous = channel;
        }

        if (intervention.Operation is Operation.MeanAblate or Operation.Add && intervention.Values?.Count != intervention.Channels.Count)
        {
            throw new ArgumentException(
                $"{intervention.Operation} of {intervention.Site} at layer {intervention.Layer}: {intervention.Values?.Count ?? 0} values for {intervention.Channels.Count} channels");
        }

        if (intervention.Operation is Operation.Scale or Operation.Add && !float.IsFinite((float)intervention.Scalar))
            throw new ArgumentException($"scalar {intervention.Scalar} of {intervention.Site} at layer {intervention.Layer} is no finite fp32 number");
        var factor = intervention.Operation == Operation.Add ? intervention.Scalar : 1;
        if (intervention.Values?.Any(value => !float.IsFinite((float)(factor * value))) == true)
            throw new ArgumentException($"the values of {intervention.Operation} of {intervention.Site} at layer {intervention.Layer} are not all finite fp32 numbers");
    }
}
