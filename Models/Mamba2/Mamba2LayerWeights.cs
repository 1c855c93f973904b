using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba2;

/// <summary>The tensors of one block; symbols as in the paper (A, D), names as in the checkpoint.</summary>
internal sealed class Mamba2LayerWeights : LayerWeights
{
    public required LinearWeight InProjection { get; init; } // [z, x, B, C, dt: 2E + 2GN + H, d_model]
    public required Tensor Convolution { get; init; } // [d_conv, E + 2GN]
    public required Tensor? ConvolutionBias { get; init; } // [E + 2GN]
    public required Tensor StepBias { get; init; } // dt_bias [H]
    public required Tensor A { get; init; } // −exp(A_log), fp32 [H]
    public required Tensor D { get; init; } // fp32 [H]
    public required Tensor GatedNorm { get; init; } // mixer.norm [E]

    public override Tensor DeltaBias => StepBias;

    public static Mamba2LayerWeights Take(WeightSource source, Mamba2Config config, int layer)
    {
        int d = config.DModel, e = config.DInner, h = config.HeadCount;
        var prefix = $"backbone.layers.{layer}.";
        var mixer = prefix + "mixer.";
        return new()
        {
            Norm = source.Vector(prefix + "norm.weight", d),
            InProjection = source.Linear(mixer + "in_proj", config.UseBias, config.InProjectionWidth, d),
            Convolution = source.Convolution(mixer + "conv1d", config.ConvolutionWidth, config.DConv),
            ConvolutionBias = config.UseConvBias ? source.Vector(mixer + "conv1d.bias", config.ConvolutionWidth) : null,
            StepBias = source.Vector(mixer + "dt_bias", h),
            A = source.Own(source.TakeNegativeExponential(mixer + "A_log", h)),
            D = source.ExactVector(mixer + "D", h),
            GatedNorm = source.Vector(mixer + "norm.weight", e),
            OutProjection = source.Linear(mixer + "out_proj", config.UseBias, d, e),
        };
    }
}
