using Sweep.Models.Identification;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Identification;

/// <summary>What is summed text by text against everything kept and computed at once, in double, by a model that shares no code with the engine.</summary>
public sealed class TextStatisticsTests
{
    private static readonly MambaConfig Config = RandomMamba.Config();
    private static readonly int[] Lengths = [5, 1, 9, 4];
    private static readonly Site[] Sites = [Site.MixerOutput, Site.Delta, Site.SsmOutput, Site.ResidualPost];

    [Fact]
    public void Sites_OverTexts_AreThoseOfAllActivationsAtOnce()
    {
        using var scope = NewDisposeScope();
        var kept = Keep(out var texts);
        using var model = RandomMamba.Model(Config);
        using var statistics = new TextStatistics(Config, Places(), Lengths.Sum());
        foreach (var text in texts)
            statistics.Read(model, text, TestContext.Current.CancellationToken);

        var result = statistics.Result();

        Assert.Equal(Places(), result.Sites.Select(site => (site.Layer, site.Site)));
        Assert.Equal(Lengths.Sum(), result.Positions);
        foreach (var site in result.Sites)
        {
            var all = kept[(site.Layer, site.Site)];
            var x = cat(all, 0);
            var timeMeans = stack([.. all.Select(text => text.mean([0]))], 0);
            Close(timeMeans.mean([0]), site.Moments.Means);
            Close(timeMeans.var(0, false, false), site.Moments.VarianceOverTexts);
            Close(x.var(0, false, false), site.Moments.VarianceOverPositions);
            Close(x.abs().mean([0]), site.Moments.MeanAbsolute);
            var centred = x - x.mean([0], true);
            Close(centred.pow(4).mean([0]) / centred.square().mean([0]).square(), [.. site.Moments.Kurtosis.Select(value => value!.Value)]);
            var rank = EffectiveRank.Of(linalg.svdvals(x).data<double>().ToArray())!;
            Close(rank.Participation, site.Rank!.Participation);
            Close(rank.Entropy, site.Rank.Entropy);
            var p = nn.functional.softmax(x, -1);
            Close(-(p * p.log()).sum(-1).mean().item<double>(), site.SoftmaxEntropy);
            Close((0.5 * (2 * Math.PI * Math.E * x.var(0, false, false)).log()).mean().item<double>(), site.NormalEntropy!.Value);
            Assert.Equal((Lengths[0] + Lengths[2], Lengths[1] + Lengths[3]), (result.Halves[(site.Layer, site.Site)].Even.Positions, result.Halves[(site.Layer, site.Site)].Odd.Positions));
        }
    }

    [Fact]
    public void Layers_OverTexts_AreThoseOfAllResidualStreamsAtOnce()
    {
        using var scope = NewDisposeScope();
        var kept = Keep(out var texts);
        using var model = RandomMamba.Model(Config);
        using var statistics = new TextStatistics(Config, [], Lengths.Sum());
        foreach (var text in texts)
            statistics.Read(model, text, TestContext.Current.CancellationToken);

        var result = statistics.Result();

        Assert.Equal(Lengths.Sum(), result.CkaPositions);
        var streams = Enumerable.Range(0, Config.LayerCount).Select(layer => cat(kept[(layer, Site.ResidualPost)], 0)).ToArray();
        var tensors = RandomMamba.Tensors(Config, 1);
        var (norm, head) = (tensors["backbone.norm_f.weight"].to(float64), tensors["backbone.embeddings.weight"].to(float64));
        for (var layer = 0; layer < Config.LayerCount; layer++)
        {
            Close(LinearCka.Of(streams[layer], streams[0])!.Value, result.Cka[layer][0]!.Value);
            var x = streams[layer];
            var logits = (x / (x.square().mean([-1], true) + Config.NormEpsilon).sqrt() * norm).mm(head.t());
            var p = nn.functional.softmax(logits, -1);
            Close(-(p * p.log()).sum(-1).mean().item<double>(), result.LogitLensEntropy[layer]);
        }
    }

    [Fact]
    public void Cka_OverMorePositionsThanAreKept_TakesEvenlySpreadOnes()
    {
        using var scope = NewDisposeScope();
        var kept = Keep(out var texts);
        using var model = RandomMamba.Model(Config);
        using var statistics = new TextStatistics(Config, [], Lengths.Sum(), mostSampled: 7);
        foreach (var text in texts)
            statistics.Read(model, text, TestContext.Current.CancellationToken);

        var result = statistics.Result();

        // 19 positions, every 19/7-th.
        var taken = tensor(new long[] { 2, 5, 8, 10, 13, 16, 18 });
        Tensor Stream(int layer) => cat(kept[(layer, Site.ResidualPost)], 0).index_select(0, taken);
        Assert.Equal(7, result.CkaPositions);
        Close(LinearCka.Of(Stream(2), Stream(1))!.Value, result.Cka[2][1]!.Value);
    }

    [Fact]
    public void Result_WithoutAnyText_IsRefused()
    {
        using var statistics = new TextStatistics(Config, [], 1);

        Assert.Throws<InvalidOperationException>(statistics.Result);
    }

    private static (int Layer, Site Site)[] Places() => [.. Enumerable.Range(0, Config.LayerCount).SelectMany(layer => Sites.Select(site => (layer, site)))];

    /// <summary>Every text's activations [L, width] in double.</summary>
    private static Dictionary<(int Layer, Site Site), List<Tensor>> Keep(out int[][] texts)
    {
        var plain = new PlainMamba(Config, RandomMamba.Tensors(Config, 1));
        var kept = new Dictionary<(int Layer, Site Site), List<Tensor>>();
        texts = [.. Lengths.Select((length, index) => RandomMamba.Tokens(Config, 1, length, index).data<long>().Select(token => (int)token).ToArray())];
        foreach (var text in texts)
        {
            plain.Forward(tensor(text.Select(token => (long)token).ToArray()), (layer, site, activation) =>
            {
                if (!kept.TryGetValue((layer, site), out var known))
                    kept[(layer, site)] = known = [];
                known.Add(activation.clone().MoveToOuterDisposeScope());
                return activation;
            });
        }

        return kept;
    }

    private static void Close(Tensor expected, IReadOnlyList<double> actual)
    {
        var values = expected.data<double>().ToArray();
        Assert.Equal(values.Length, actual.Count);
        for (var channel = 0; channel < values.Length; channel++)
            Close(values[channel], actual[channel]);
    }

    /// <summary>The engine computes in fp32.</summary>
    private static void Close(double expected, double actual) => Assert.InRange(Math.Abs(actual - expected), 0, 1e-4 * Math.Max(0.1, Math.Abs(expected)));
}
