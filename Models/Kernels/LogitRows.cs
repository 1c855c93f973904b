using System.Runtime.Intrinsics;
using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>What is asked of logits: each row by itself, in one fixed order, in double where sums are long.</summary>
public static unsafe class LogitRows
{
    /// <summary>log softmax(logits[i])[targets[i]] in nats.</summary>
    /// <param name="logits">[M, V] fp32 CPU.</param>
    /// <param name="targets">One token id a row.</param>
    public static double[] LogProbabilities(torch.Tensor logits, IReadOnlyList<int> targets)
    {
        var view = TensorView.Of(logits, 2, nameof(logits));
        var result = new double[view.Shape[0]];
        KernelThreads.For(result.Length, view.Width * 8L, row =>
        {
            var values = view.At(row);
            result[row] = values[targets[row]] - LogSumExp(values, view.Width);
        });
        GC.KeepAlive(logits);
        return result;
    }

    /// <summary>Index of the largest logit of each row; the lowest id wins ties, NaN never wins.</summary>
    public static int[] ArgMax(torch.Tensor logits)
    {
        var view = TensorView.Of(logits, 2, nameof(logits));
        var result = new int[view.Shape[0]];
        KernelThreads.For(result.Length, view.Width, row =>
        {
            var values = view.At(row);
            var best = 0;
            var top = float.NegativeInfinity;
            for (var i = 0; i < view.Width; i++)
            {
                if (values[i] > top)
                {
                    top = values[i];
                    best = i;
                }
            }

            result[row] = best;
        });
        GC.KeepAlive(logits);
        return result;
    }

    /// <summary>True for every row without NaN or infinity.</summary>
    public static bool[] AreFinite(torch.Tensor values)
    {
        var view = TensorView.Of(values, 2, nameof(values));
        var result = new bool[view.Shape[0]];
        KernelThreads.For(result.Length, view.Width, row => result[row] = IsFinite(view.At(row), view.Width));
        GC.KeepAlive(values);
        return result;
    }

    /// <summary>KL(softmax(p) ‖ softmax(q)) of two rows, nats.</summary>
    public static double KullbackLeibler(torch.Tensor p, int pRow, torch.Tensor q, int qRow)
    {
        var first = TensorView.Of(p, 2, nameof(p));
        var second = TensorView.Of(q, 2, nameof(q));
        var a = first.At(pRow);
        var b = second.At(qRow);
        var logA = LogSumExp(a, first.Width);
        var logB = LogSumExp(b, first.Width);
        var sum = 0.0;
        for (var i = 0; i < first.Width; i++)
        {
            var logP = a[i] - logA;
            sum += Math.Exp(logP) * (logP - (b[i] - logB));
        }

        GC.KeepAlive(p);
        GC.KeepAlive(q);
        return sum;
    }

    internal static bool IsFinite(float* values, int width)
    {
        // x − x is 0 for finite numbers and NaN for the others.
        var sum = Vector512<float>.Zero;
        var i = 0;
        for (; i + VectorMath.Lanes <= width; i += VectorMath.Lanes)
        {
            var v = Vector512.Load(values + i);
            sum += v - v;
        }

        var rest = 0f;
        for (; i < width; i++)
            rest += values[i] - values[i];
        return Vector512.Sum(sum) + rest == 0;
    }

    private static double LogSumExp(float* values, int width)
    {
        var top = float.NegativeInfinity;
        for (var i = 0; i < width; i++)
            top = MathF.Max(top, values[i]);
        var sums = stackalloc float[VectorMath.Lanes];
        var peak = Vector512.Create(top);
        var total = 0.0;
        for (var i = 0; i < width; i += VectorMath.Lanes)
        {
            var count = Math.Min(VectorMath.Lanes, width - i);
            VectorMath.Exp(VectorMath.Load(values + i, count) - peak).Store(sums);
            for (var lane = 0; lane < count; lane++)
                total += sums[lane];
        }

        return top + Math.Log(total);
    }
}
