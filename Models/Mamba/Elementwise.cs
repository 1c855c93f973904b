using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// Functions of single values over fp32 CPU tensors with a contiguous last axis. Every value goes through the same vector function, wherever it
/// lies, so that its bits never depend on its place.
/// </summary>
internal static unsafe class Elementwise
{
    /// <summary>ln(1 + eˣ); x above 20.</summary>
    public static Tensor Softplus(Tensor x) => Map(x, &Softplus);

    /// <summary>x / (1 + e⁻ˣ).</summary>
    public static Tensor Silu(Tensor x) => Map(x, &Silu);

    /// <summary>eˣ to 2 units of the last place; below −87.3 it is 0, above 88.7 infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2; ln 2 is taken off in two parts. 2ⁿ is applied as two factors, since n may be 128.
        var bounded = Vector512.Min(Vector512.Max(x, Vector512.Create(-88f)), Vector512.Create(89f));
        var n = Vector512.Round(bounded * Vector512.Create(1.44269504f));
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), bounded);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(1 / 5040f), r, Vector512.Create(1 / 720f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 120f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 24f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 6f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        var power = Vector512.ConvertToInt32(n);
        var half = Vector512.ShiftRightArithmetic(power, 1);
        var first = Vector512.ShiftLeft(half + Vector512.Create(127), 23).AsSingle();
        var second = Vector512.ShiftLeft(power - half + Vector512.Create(127), 23).AsSingle();
        var result = p * first * second;
        result = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87.3f)), Vector512<float>.Zero, result);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), result, x);
    }

    public static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + Exp(-x));

    /// <summary>By log1p(e) = ln(u)·e / (u − 1) with u = 1 + e rounded, which keeps the relative error of small results at a few units of the last place.</summary>
    public static Vector512<float> Softplus(Vector512<float> x)
    {
        var e = Exp(Vector512.Min(x, Vector512.Create(20f)));
        var u = Vector512<float>.One + e;
        var difference = u - Vector512<float>.One;
        var tiny = Vector512.Equals(difference, Vector512<float>.Zero);
        var log = Vector512.ConditionalSelect(tiny, e, Vector512.Log(u) * (e / difference));
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(20f)), x, log) + (x - x);
    }

    public static void AddTo(Span<float> target, ReadOnlySpan<float> other)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(target[i..]) + new Vector<float>(other[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] += other[i];
    }

    public static bool AllFinite(ReadOnlySpan<float> values)
    {
        // x − x is 0 for finite x and NaN for the others.
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var x = new Vector<float>(values[i..]);
            sum += x - x;
        }

        var rest = 0f;
        for (; i < values.Length; i++)
            rest += values[i] - values[i];
        return Vector.Sum(sum) + rest == 0;
    }

    private static Tensor Map(Tensor x, delegate*<Vector512<float>, Vector512<float>> function)
    {
        var shape = x.shape;
        var result = empty(shape);
        long l = shape[1], w = shape[2], row = x.stride(0), step = x.stride(1);
        float* from = RowLoop.Values(x), to = RowLoop.Values(result);
        // Transcendental functions cost about ten times what a plain value does.
        RowLoop.Run((int)(shape[0] * l), w * 10, i =>
        {
            float* a = from + i / l * row + i % l * step, b = to + i * w;
            long k = 0;
            for (; k <= w - 16; k += 16)
                function(Vector512.Load(a + k)).Store(b + k);
            if (k == w)
                return;
            var rest = stackalloc float[16];
            Buffer.MemoryCopy(a + k, rest, 64, (w - k) * sizeof(float));
            function(Vector512.Load(rest)).Store(rest);
            Buffer.MemoryCopy(rest, b + k, (w - k) * sizeof(float), (w - k) * sizeof(float));
        });
        return result;
    }
}
