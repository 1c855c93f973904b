using System.Numerics;
using System.Runtime.Intrinsics;
using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>Elementwise steps of a mixer when a site between them must be seen; the same arithmetic as inside <see cref="FusedScan"/>, element for element.</summary>
public static unsafe class Elementwise
{
    private const int Lanes = VectorMath.Lanes;

    /// <summary>x / (1 + e^−x) of [T, C] or [B, L, C] with a contiguous last axis.</summary>
    public static torch.Tensor SiLU(torch.Tensor x) => Map(x, &SiLUOf);

    /// <summary>log(1 + e^x), x above 20, of [T, C] or [B, L, C] with a contiguous last axis.</summary>
    public static torch.Tensor Softplus(torch.Tensor x) => Map(x, &SoftplusOf);

    internal static void AddTo(Span<float> target, ReadOnlySpan<float> other)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(target[i..]) + new Vector<float>(other[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] += other[i];
    }

    private static Vector512<float> SiLUOf(Vector512<float> x) => VectorMath.SiLU(x);

    private static Vector512<float> SoftplusOf(Vector512<float> x) => VectorMath.Softplus(x);

    private static torch.Tensor Map(torch.Tensor x, delegate*<Vector512<float>, Vector512<float>> function)
    {
        var input = TensorView.Of(x, (int)x.dim(), nameof(x));
        var output = torch.empty(x.shape, torch.ScalarType.Float32);
        var target = TensorView.Of(output, (int)x.dim(), nameof(output));
        var width = input.Width;
        var length = input.Shape.Length == 3 ? input.Shape[1] : 1;
        KernelThreads.For((int)(input.Shape[0] * length), width * 16L, row =>
        {
            var from = input.At(row / length, row % length);
            var to = target.At(row / length, row % length);
            for (var i = 0; i < width; i += Lanes)
            {
                var count = Math.Min(Lanes, width - i);
                VectorMath.Store(function(VectorMath.Load(from + i, count)), to + i, count);
            }
        });
        GC.KeepAlive(x);
        return output;
    }
}
