using Sweep.Models.Identification;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Identification;

public sealed class HiddenAttentionTests
{
    private static readonly MambaConfig Config = RandomMamba.Config();
    private static readonly int[] Tokens = [3, 1, 4, 1, 5, 9, 2];

    [Fact]
    public void Maps_TimesTheInput_AreTheScansOutput()
    {
        using var scope = NewDisposeScope();
        using var model = RandomMamba.OnProcessor(Config);

        var maps = HiddenAttention.Maps(model, Tokens, 1, TestContext.Current.CancellationToken); // [E, L, L]

        using var recorder = new ActivationRecorder([(1, Site.Convolution), (1, Site.SsmOutput)]);
        var pass = new Pass(TokenSpans.Full(1, Tokens.Length), null, null, recorder);
        using var state = model.NewState(pass);
        model.RunLayers(tensor([.. Tokens.Select(token => (long)token)], [1, Tokens.Length]), state, pass, TestContext.Current.CancellationToken);
        var h = recorder[1, Site.Convolution][0].to(float64); // [L, E]
        var skip = RandomMamba.Tensors(Config, 1)["backbone.layers.1.mixer.D"].to(float64);
        var y = maps.matmul(h.t().unsqueeze(2)).squeeze(2).t() + (skip * h);
        Assert.InRange((y - recorder[1, Site.SsmOutput][0].to(float64)).abs().max().item<double>(), 0, 1e-4);
        Assert.Equal(0, maps.triu(1).abs().max().item<double>());
    }

    [Fact]
    public void MeanMap_OfAText_IsTheMeanOverChannels()
    {
        using var scope = NewDisposeScope();
        using var model = RandomMamba.OnProcessor(Config);
        var expected = HiddenAttention.Maps(model, Tokens, 1, TestContext.Current.CancellationToken).mean([0]);

        var map = HiddenAttention.MeanMap(model, Tokens, 1, TestContext.Current.CancellationToken);

        Assert.Equal(Tokens.Length, map.Length);
        for (var t = 0; t < map.Length; t++)
        {
            Assert.Equal(t + 1, map[t].Length);
            for (var j = 0; j <= t; j++)
                Assert.Equal(expected[t][j].item<double>(), map[t][j], 9);
        }
    }

    [Fact]
    public void LastWeights_OfAText_AreTheScaledMeanOfTheLastRow()
    {
        using var scope = NewDisposeScope();
        using var model = RandomMamba.OnProcessor(Config);
        var last = HiddenAttention.Maps(model, Tokens, 2, TestContext.Current.CancellationToken).select(1, Tokens.Length - 1).mean([0]);
        var expected = ((last - last.min()) / (last.max() - last.min())).data<double>().ToArray();

        var weights = HiddenAttention.LastWeights(model, Tokens, 2, TestContext.Current.CancellationToken);

        Assert.Equal(Tokens.Length, weights.Length);
        for (var position = 0; position < weights.Length; position++)
            Assert.Equal(expected[position], weights[position], 9);
    }

    [Fact]
    public void Vectors_OfPlaces_AreTheActivationsSummedByTheirWeights()
    {
        using var scope = NewDisposeScope();
        using var model = RandomMamba.OnProcessor(Config);
        (int, Site)[] places = [(1, Site.MixerOutput), (2, Site.SsmOutput)];

        var vectors = AttentionWeighted.Vectors(model, Tokens, places, TestContext.Current.CancellationToken);

        new PlainMamba(Config, RandomMamba.Tensors(Config, 1)).Forward(tensor(Tokens.Select(token => (long)token).ToArray()), (layer, site, activation) =>
        {
            if (Array.IndexOf(places, (layer, site)) is >= 0 and var place)
            {
                var weights = HiddenAttention.LastWeights(model, Tokens, layer, TestContext.Current.CancellationToken);
                for (var channel = 0; channel < activation.shape[1]; channel++)
                    Assert.Equal(Enumerable.Range(0, Tokens.Length).Sum(t => weights[t] * activation[t][channel].item<double>()), vectors[place][channel], 1e-3);
            }

            return activation;
        });
    }

    [Fact]
    public void LastWeights_OfOneToken_AreOne()
    {
        using var model = RandomMamba.OnProcessor(Config);

        Assert.Equal([1], HiddenAttention.LastWeights(model, [3], 0, TestContext.Current.CancellationToken));
    }
}
