using System.Runtime.Intrinsics;
using Sweep.Models.Kernels;

namespace Sweep.Models.Mamba2;

/// <summary>Products of small matrices, one vector of columns at a time; every sum runs in one fixed order.</summary>
internal static unsafe class Panels
{
    /// <summary>Rows whose sums are held in registers at once: as many as hide the latency of a multiply-add.</summary>
    public const int Rows = 8;

    private const int Lanes = VectorMath.Lanes;

    /// <summary>Σ a_k b_k, halves of the lanes added to each other at the end.</summary>
    public static float Dot(float* a, float* b, int count)
    {
        var sums = Vector512<float>.Zero;
        var k = 0;
        for (; k + Lanes <= count; k += Lanes)
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(a + k), Vector512.Load(b + k), sums);
        if (k < count)
            sums = Vector512.FusedMultiplyAdd(VectorMath.Load(a + k, count - k), VectorMath.Load(b + k, count - k), sums);
        var eight = sums.GetLower() + sums.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return (four.GetElement(0) + four.GetElement(2)) + (four.GetElement(1) + four.GetElement(3));
    }

    /// <summary>Eight rows: y_r += Σ_k a_{r,k} x_k.</summary>
    public static void AddProduct(float* a, long aStride, float* x, int xStride, int count, float* y, int yStride)
    {
        float* a0 = a, a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride, a6 = a5 + aStride, a7 = a6 + aStride;
        var s0 = Vector512.Load(y);
        var s1 = Vector512.Load(y + yStride);
        var s2 = Vector512.Load(y + (2 * yStride));
        var s3 = Vector512.Load(y + (3 * yStride));
        var s4 = Vector512.Load(y + (4 * yStride));
        var s5 = Vector512.Load(y + (5 * yStride));
        var s6 = Vector512.Load(y + (6 * yStride));
        var s7 = Vector512.Load(y + (7 * yStride));
        for (var k = 0; k < count; k++, x += xStride)
        {
            var value = Vector512.Load(x);
            s0 = Vector512.FusedMultiplyAdd(Vector512.Create(a0[k]), value, s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Create(a1[k]), value, s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Create(a2[k]), value, s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Create(a3[k]), value, s3);
            s4 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[k]), value, s4);
            s5 = Vector512.FusedMultiplyAdd(Vector512.Create(a5[k]), value, s5);
            s6 = Vector512.FusedMultiplyAdd(Vector512.Create(a6[k]), value, s6);
            s7 = Vector512.FusedMultiplyAdd(Vector512.Create(a7[k]), value, s7);
        }

        s0.Store(y);
        s1.Store(y + yStride);
        s2.Store(y + (2 * yStride));
        s3.Store(y + (3 * yStride));
        s4.Store(y + (4 * yStride));
        s5.Store(y + (5 * yStride));
        s6.Store(y + (6 * yStride));
        s7.Store(y + (7 * yStride));
    }

    /// <summary>One row of the same.</summary>
    public static void AddRow(float* a, float* x, int xStride, int count, float* y)
    {
        var sum = Vector512.Load(y);
        for (var k = 0; k < count; k++, x += xStride)
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(a[k]), Vector512.Load(x), sum);
        sum.Store(y);
    }

    /// <summary>s_n = decay · s_n + Σ_j b_{j,n} x_j for each of n states.</summary>
    public static void UpdateState(float* s, int stride, int states, float decay, float* b, long bStride, float* x, int count)
    {
        var factor = Vector512.Create(decay);
        var n = 0;
        for (; n + Rows <= states; n += Rows, s += (long)Rows * stride)
        {
            var s0 = factor * Vector512.Load(s);
            var s1 = factor * Vector512.Load(s + stride);
            var s2 = factor * Vector512.Load(s + (2 * stride));
            var s3 = factor * Vector512.Load(s + (3 * stride));
            var s4 = factor * Vector512.Load(s + (4 * stride));
            var s5 = factor * Vector512.Load(s + (5 * stride));
            var s6 = factor * Vector512.Load(s + (6 * stride));
            var s7 = factor * Vector512.Load(s + (7 * stride));
            float* row = b + n, values = x;
            for (var j = 0; j < count; j++, row += bStride, values += stride)
            {
                var value = Vector512.Load(values);
                s0 = Vector512.FusedMultiplyAdd(Vector512.Create(row[0]), value, s0);
                s1 = Vector512.FusedMultiplyAdd(Vector512.Create(row[1]), value, s1);
                s2 = Vector512.FusedMultiplyAdd(Vector512.Create(row[2]), value, s2);
                s3 = Vector512.FusedMultiplyAdd(Vector512.Create(row[3]), value, s3);
                s4 = Vector512.FusedMultiplyAdd(Vector512.Create(row[4]), value, s4);
                s5 = Vector512.FusedMultiplyAdd(Vector512.Create(row[5]), value, s5);
                s6 = Vector512.FusedMultiplyAdd(Vector512.Create(row[6]), value, s6);
                s7 = Vector512.FusedMultiplyAdd(Vector512.Create(row[7]), value, s7);
            }

            s0.Store(s);
            s1.Store(s + stride);
            s2.Store(s + (2 * stride));
            s3.Store(s + (3 * stride));
            s4.Store(s + (4 * stride));
            s5.Store(s + (5 * stride));
            s6.Store(s + (6 * stride));
            s7.Store(s + (7 * stride));
        }

        for (; n < states; n++, s += stride)
        {
            var sum = factor * Vector512.Load(s);
            float* row = b + n, values = x;
            for (var j = 0; j < count; j++, row += bStride, values += stride)
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(*row), Vector512.Load(values), sum);
            sum.Store(s);
        }
    }

    /// <summary>Zeros in one vector of each of eight rows.</summary>
    public static void Zero(float* y, int stride)
    {
        for (var row = 0; row < Rows; row++)
            Vector512<float>.Zero.Store(y + ((long)row * stride));
    }

    /// <summary>One vector of each of eight rows times the row's factor.</summary>
    public static void ScaleRows(float* y, int stride, float* factors)
    {
        for (var row = 0; row < Rows; row++)
        {
            var at = y + ((long)row * stride);
            (Vector512.Load(at) * Vector512.Create(factors[row])).Store(at);
        }
    }

    /// <summary>count values, then zeros up to width.</summary>
    public static void Copy(float* source, float* target, int count, int width)
    {
        new ReadOnlySpan<float>(source, count).CopyTo(new(target, count));
        new Span<float>(target + count, width - count).Clear();
    }

    /// <summary>count values times a factor, then zeros up to width, which is whole vectors.</summary>
    public static void Scale(float* source, float factor, float* target, int count, int width)
    {
        for (var i = 0; i < width; i += Lanes)
            (VectorMath.Load(source + i, Math.Min(Lanes, count - i)) * Vector512.Create(factor)).Store(target + i);
    }

    /// <summary>y + d · x of count values.</summary>
    public static void StoreWithSkip(float* y, float* x, float d, float* target, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            var lanes = Math.Min(Lanes, count - i);
            VectorMath.Store(Vector512.FusedMultiplyAdd(Vector512.Create(d), VectorMath.Load(x + i, lanes), Vector512.Load(y + i)), target + i, lanes);
        }
    }
}
