using System.Runtime.Intrinsics;
using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>Elementwise steps of a mixer when a site between them must be seen; the same arithmetic as inside <see cref="FusedScan"/>, element for element.</summary>
public static unsafe class Elementwise
{
    private const int Lanes = VectorMath.Lanes;

    /// <summary>x / (1 + e^−x) of [T, C].</summary>
    public static torch.Tensor SiLU(torch.Tensor x) => Map(x, &SiLUOf);

    /// <summary>log(1 + e^x), x above 20, of [T, C].</summary>
    public static torch.Tensor Softplus(torch.Tensor x) => Map(x, &SoftplusOf);

    private static Vector512<float> SiLUOf(Vector512<float> x) => VectorMath.SiLU(x);

    private static Vector512<float> SoftplusOf(Vector512<float> x) => VectorMath.Softplus(x);

    private static torch.Tensor Map(torch.Tensor x, delegate*<Vector512<float>, Vector512<float>> function)
    {
        var input = TensorView.Of(x, 2, nameof(x));
        var output = torch.empty(x.shape, torch.ScalarType.Float32);
        var target = TensorView.Of(output, 2, nameof(output));
        var width = input.Width;
        KernelThreads.For((int)input.Shape[0], width * 16L, row =>
        {
            for (var i = 0; i < width; i += Lanes)
            {
                var count = Math.Min(Lanes, width - i);
                VectorMath.Store(function(VectorMath.Load(input.At(row) + i, count)), target.At(row) + i, count);
            }
        });
        GC.KeepAlive(x);
        return output;
    }
}
