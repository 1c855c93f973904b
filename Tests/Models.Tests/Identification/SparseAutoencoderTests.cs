using Sweep.Models.Identification;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Identification;

public sealed class SparseAutoencoderTests
{
    private static readonly AutoencoderSettings Settings = new() { Features = 6, Steps = 600, LearningRate = 1e-2 };

    [Fact]
    public void Train_OnSparseSourcesInDirections_FindsTheDirections()
    {
        using var scope = NewDisposeScope();

        var trained = SparseAutoencoder.Train(Mixture(1, 2000), Mixture(2, 500), Settings, TestContext.Current.CancellationToken);

        Assert.InRange(trained.ExplainedVariance, 0.9, 1);
        Assert.InRange(trained.ActiveShare, 0.02, 0.6);
        foreach (var direction in Directions())
            Assert.Contains(trained.Decoder, feature => Cosine(feature, direction) > 0.95);
    }

    [Fact]
    public void Train_Twice_GivesTheSame()
    {
        using var scope = NewDisposeScope();
        var settings = Settings with { Steps = 20 };
        SparseAutoencoder Train() => SparseAutoencoder.Train(Mixture(1, 200), Mixture(2, 50), settings, TestContext.Current.CancellationToken);

        var (first, second) = (Train(), Train());

        Assert.Equal(first.Use, second.Use);
        Assert.Equal(first.Decoder[3], second.Decoder[3]);
        Assert.NotEqual(first.Use, SparseAutoencoder.Train(Mixture(1, 200), Mixture(2, 50), settings with { Seed = 2 }, TestContext.Current.CancellationToken).Use);
    }

    [Fact]
    public void Train_OnAThreadInInferenceMode_Works()
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();

        Assert.Equal(6, SparseAutoencoder.Train(Mixture(1, 50), Mixture(2, 50), Settings with { Steps = 2 }, TestContext.Current.CancellationToken).Use.Count);
    }

    /// <summary>Each position holds each of three sources with probability 0.2, 1 to 3 strong.</summary>
    private static Tensor Mixture(int seed, int positions)
    {
        var random = new Random(seed);
        var values = new float[positions * 8];
        for (var position = 0; position < positions; position++)
        {
            foreach (var direction in Directions())
            {
                var strength = random.NextDouble() < 0.2 ? 1 + (2 * random.NextDouble()) : 0;
                for (var channel = 0; channel < 8; channel++)
                    values[(position * 8) + channel] += (float)(strength * direction[channel]);
            }
        }

        return tensor(values, positions, 8);
    }

    private static float[][] Directions() => [[1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 1, -1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1, 1, 1]];

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
}
