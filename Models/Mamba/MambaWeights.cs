using Sweep.Models.Architectures;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// A matrix of a linear map. Its rows are padded with zeros to a multiple of 16, because libtorch's CPU matmul gives a row the same bits for
/// any number of rows and threads only then.
/// </summary>
internal sealed record LinearWeight(Tensor Matrix, Tensor? Bias, int Outputs)
{
    public const int Multiple = 16;

    /// <summary>Takes ownership of both tensors.</summary>
    public static LinearWeight Of(Tensor matrix, Tensor? bias)
    {
        var outputs = (int)matrix.shape[0];
        return new(PadRows(matrix), bias is null ? null : PadRows(bias), outputs);
    }

    /// <summary>[.., inputs] → [.., outputs] through copies of the weights: those of a model that runs in inference mode cannot be differentiated through.</summary>
    public Tensor Differentiable(Tensor x) => nn.functional.linear(x, Matrix.clone(), Bias?.clone()).narrow(-1, 0, Outputs);

    /// <summary>Takes ownership of the tensor and returns it with zero rows up to a multiple of 16.</summary>
    public static Tensor PadRows(Tensor tensor)
    {
        var missing = (int)(-tensor.shape[0] & (Multiple - 1));
        if (missing == 0)
            return tensor;
        using var rows = zeros([missing, .. tensor.shape.Skip(1)], tensor.dtype, tensor.device);
        var padded = cat([tensor, rows], 0);
        tensor.Dispose();
        return padded;
    }
}

/// <summary>The tensors of one block; symbols as in the paper (A, D), names as in the checkpoint.</summary>
internal sealed class MambaLayerWeights : LayerWeights
{
    public required LinearWeight InProjection { get; init; } // [2·d_inner, d_model]
    public required Tensor Convolution { get; init; } // [d_conv, d_inner]
    public required Tensor? ConvolutionBias { get; init; } // [d_inner]
    public required LinearWeight SsmProjection { get; init; } // x_proj [dt_rank + 2·d_state, d_inner]
    public required LinearWeight DeltaProjection { get; init; } // dt_proj [d_inner, dt_rank]
    public required Tensor A { get; init; } // −exp(A_log), fp32 [d_state, d_inner]
    public required Tensor D { get; init; } // fp32 [d_inner]

    public override Tensor DeltaBias => DeltaProjection.Bias!;

    public static MambaLayerWeights Take(WeightSource source, MambaConfig config, int layer)
    {
        int d = config.DModel, e = config.DInner, n = config.DState, r = config.DtRank;
        var prefix = $"backbone.layers.{layer}.";
        var mixer = prefix + "mixer.";
        return new()
        {
            Norm = source.Vector(prefix + "norm.weight", d),
            InProjection = source.Linear(mixer + "in_proj", config.UseBias, 2 * e, d),
            Convolution = source.Convolution(mixer + "conv1d", e, config.DConv),
            ConvolutionBias = config.UseConvBias ? source.Vector(mixer + "conv1d.bias", e) : null,
            SsmProjection = source.Linear(mixer + "x_proj", false, r + 2 * n, e),
            DeltaProjection = source.Linear(mixer + "dt_proj", true, e, r),
            A = source.Own(source.TakeNegativeExponential(mixer + "A_log", e, n).t().contiguous()),
            D = source.ExactVector(mixer + "D", e),
            OutProjection = source.Linear(mixer + "out_proj", config.UseBias, d, e),
        };
    }
}
