using System.Runtime.InteropServices;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

public sealed class MambaModelTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Constructor_AnyDtype_LetsGoOfEverySourceTensor(bool tied)
    {
        var config = RandomMamba.Config(useBias: true, tied: tied);
        foreach (var dtype in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            var tensors = RandomMamba.Tensors(config, 1);
            using var model = new MambaModel(config, tensors, CPU, dtype);
            Assert.All(tensors, pair => Assert.True(pair.Value.IsInvalid, $"{pair.Key} of a {dtype} model"));
            Assert.Equal([1, 4, config.VocabularySize], model.Forward(RandomMamba.Tokens(config, 1, 4, seed: 1)).shape);
        }
    }

    [Fact]
    public void Constructor_TensorMissingOrMisshapen_NamesItAndLeavesNothing()
    {
        var config = RandomMamba.Config();
        var before = Tensor.TotalCount;
        Assert.Contains("backbone.layers.2.mixer.D is missing", Failure(tensors => tensors.Remove("backbone.layers.2.mixer.D")));
        Assert.Contains("backbone.norm_f.weight: found shape [3], expected [20]", Failure(tensors => tensors["backbone.norm_f.weight"] = zeros(3)));
        _scope.DisposeEverything();
        Assert.Equal(before, Tensor.TotalCount);

        string Failure(Action<Dictionary<string, Tensor>> spoil)
        {
            var tensors = RandomMamba.Tensors(config, 1);
            spoil(tensors);
            return Assert.Throws<InvalidCheckpointException>(() => new MambaModel(config, tensors)).Message;
        }
    }

    /// <summary>37 tokens in a matrix padded to 48 rows.</summary>
    [Theory]
    [InlineData(37)]
    [InlineData(-1)]
    public void Forward_TokenOutsideTheVocabulary_IsAnError(long token)
    {
        using var model = RandomMamba.Model(RandomMamba.Config());
        var failure = Assert.ThrowsAny<Exception>(() => model.Forward(tensor(new[] { 1, token }, 1, 2)));
        Assert.True(failure is ExternalException or ArgumentOutOfRangeException, failure.ToString());
    }

    [Fact]
    public void Prefill_RowWithoutTokens_IsRefused()
    {
        using var model = RandomMamba.Model(RandomMamba.Config());
        var tokens = RandomMamba.Tokens(model.Config, 2, 4, seed: 1);
        Assert.Contains("row 1 has no token", Assert.Throws<ArgumentException>(() => model.Prefill(tokens, new TokenSpans([0, 2], [4, 2], 4))).Message);
    }
}
