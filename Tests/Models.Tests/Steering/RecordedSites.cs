using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

/// <summary>What holds of recording in a model of any architecture.</summary>
internal static class RecordedSites
{
    /// <param name="tokens">[rows, positions], at least eight positions.</param>
    public static void MustHaveTheirShapesAndChangeNothing(MambaModel model, Tensor tokens)
    {
        var sites = Enum.GetValues<Site>();
        var (config, layers, rows, length) = (model.Config, model.Config.LayerCount, tokens.shape[0], tokens.shape[1]);
        using var recorder = new ActivationRecorder(sites.SelectMany(site => Enumerable.Range(0, layers).Select(layer => (layer, site))), [2, 7]);
        Assert.True(model.Forward(tokens, recorder: recorder).BitEquals(model.Forward(tokens)));
        foreach (var site in sites)
        {
            for (var layer = 0; layer < layers; layer++)
            {
                long[] shape = site == Site.SsmState ? [rows, 2, config.DInner, config.DState] : [rows, length, SteerableSites.Width(site, config)];
                Assert.Equal(shape, recorder[layer, site].shape);
            }
        }
    }
}
