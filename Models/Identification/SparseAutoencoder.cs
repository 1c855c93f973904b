using Sweep.Models.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>How <see cref="SparseAutoencoder"/> is trained.</summary>
public sealed record AutoencoderSettings
{
    /// <summary>Features, more or fewer than channels.</summary>
    public required int Features { get; init; }

    /// <summary>Weight of the mean feature activation, times the length of what it writes, in the loss. Default: 0.05.</summary>
    public double Sparsity { get; init; } = 0.05;

    /// <summary>Steps of Adam, each on one batch. Default: 1,500.</summary>
    public int Steps { get; init; } = 1500;

    /// <summary>Positions of a batch. Default: 128.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Default: 0.003.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Of the first weights and the batches. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// A small sparse autoencoder of a site's activations: z = ReLU(W x + b), x̂ = V z + c, trained for mean squared error + sparsity · mean(z ‖V_f‖): counted by
/// what a feature writes, so that small z with large V is no way around it. Activations are centred and divided by one
/// number, their root mean square, so that the settings mean the same at every site.
/// </summary>
public sealed record SparseAutoencoder
{
    /// <summary>Share of the variance that is given back, on activations it was not trained on; below 0 where it is worse than their mean.</summary>
    public required double ExplainedVariance { get; init; }

    /// <summary>Mean share of features that are above 0, there.</summary>
    public required double ActiveShare { get; init; }

    /// <summary>Mean activation of each feature times the length of what it writes, there.</summary>
    public required IReadOnlyList<double> Use { get; init; }

    /// <summary>What each feature writes, [feature][channel].</summary>
    public required IReadOnlyList<float[]> Decoder { get; init; }

    /// <param name="training">[positions, width], fp32 on the CPU.</param>
    /// <param name="heldOut">The same, of other texts.</param>
    public static SparseAutoencoder Train(Tensor training, Tensor heldOut, AutoencoderSettings settings, CancellationToken cancellationToken)
    {
        using var normal = inference_mode(false);
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        using var generator = new Generator(settings.Seed);
        var width = training.shape[1];
        var centre = training.mean([0], true);
        var scale = (training - centre).square().mean().sqrt().clamp_min(1e-12);
        var x = (training - centre) / scale;
        Parameter Weight(double size, params long[] shape) => new(randn(shape, generator: generator).mul_(size));
        var encoder = Weight(1 / Math.Sqrt(width), width, settings.Features);
        var decoder = Weight(1 / Math.Sqrt(settings.Features), settings.Features, width);
        Parameter bias = new(zeros(settings.Features)), offset = new(zeros(width));
        using var adam = optim.Adam([encoder, decoder, bias, offset], settings.LearningRate);
        var draws = new SplitMix64(settings.Seed);
        for (var step = 0; step < settings.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var taken = tensor(Enumerable.Range(0, settings.Batch).Select(_ => (long)draws.Below((ulong)x.shape[0])).ToArray());
            var batch = x.index_select(0, taken);
            var z = (batch.mm(encoder) + bias).relu();
            var loss = (z.mm(decoder) + offset - batch).square().mean() + (settings.Sparsity * (z * decoder.norm(1, false, 2f)).mean());
            adam.zero_grad();
            loss.backward();
            adam.step();
        }

        using var still = no_grad();
        var other = (heldOut - centre) / scale;
        var features = (other.mm(encoder) + bias).relu();
        var error = (features.mm(decoder) + offset - other).square().sum().item<float>();
        var spread = (other - other.mean([0], true)).square().sum().item<float>();
        var written = decoder.data<float>().ToArray();
        return new SparseAutoencoder
        {
            ExplainedVariance = spread > 0 ? 1 - (error / (double)spread) : 0,
            ActiveShare = (features > 0).to(float64).mean().item<double>(),
            Use = (features * decoder.norm(1, false, 2f)).mean([0]).data<float>().ToArray().Select(value => (double)value).ToArray(),
            Decoder = [.. Enumerable.Range(0, settings.Features).Select(feature => written[(int)(feature * width)..(int)((feature + 1) * width)])],
        };
    }
}
