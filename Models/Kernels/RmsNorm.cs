using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Sweep.Models.Kernels;

/// <summary>Root-mean-square normalisation along the last axis.</summary>
public static unsafe class RmsNorm
{
    private const int Lanes = VectorMath.Lanes;

    /// <summary>x · rsqrt(mean(x²) + ε) · weight, fp32 CPU, any leading axes; the sum of squares runs in one fixed order per row.</summary>
    /// <param name="x">[..., d], contiguous.</param>
    /// <param name="weight">[d].</param>
    /// <param name="epsilon">Added to the mean of squares.</param>
    public static Tensor Run(Tensor x, Tensor weight, double epsilon)
    {
        using var flat = x.reshape(-1, x.shape[^1]);
        var input = TensorView.Of(flat, 2, nameof(x));
        var output = empty(x.shape, ScalarType.Float32);
        using var flatOutput = output.view(-1, x.shape[^1]);
        var target = TensorView.Of(flatOutput, 2, nameof(output));
        var width = input.Width;
        var gain = TensorView.Of(weight, nameof(weight), width).Data;
        KernelThreads.For((int)input.Shape[0], width * 3, row =>
        {
            var from = input.At(row);
            var to = target.At(row);
            var squares = Vector512<float>.Zero;
            var i = 0;
            for (; i + Lanes <= width; i += Lanes)
            {
                var v = Vector512.Load(from + i);
                squares = Vector512.FusedMultiplyAdd(v, v, squares);
            }

            if (i < width)
            {
                var v = VectorMath.Load(from + i, width - i);
                squares = Vector512.FusedMultiplyAdd(v, v, squares);
            }

            // Lane by lane: a horizontal add's order is the hardware's choice.
            var sum = 0f;
            for (var lane = 0; lane < Lanes; lane++)
                sum += squares.GetElement(lane);
            var factor = Vector512.Create(1f / MathF.Sqrt((sum / width) + (float)epsilon));
            for (i = 0; i + Lanes <= width; i += Lanes)
                (Vector512.Load(from + i) * factor * Vector512.Load(gain + i)).Store(to + i);
            if (i < width)
                VectorMath.Store(VectorMath.Load(from + i, width - i) * factor * VectorMath.Load(gain + i, width - i), to + i, width - i);
        });
        GC.KeepAlive(weight);
        return output;
    }

    /// <summary>The same in plain tensor operations, any dtype and device: normalised in fp32, cast back, then multiplied.</summary>
    public static Tensor Reference(Tensor x, Tensor weight, double epsilon)
    {
        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        var normal = wide * rsqrt(wide.pow(2).mean([-1], true) + epsilon);
        return (normal.to(weight.dtype) * weight).MoveToOuterDisposeScope();
    }
}
