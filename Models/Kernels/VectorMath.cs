using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sweep.Models.Kernels;

/// <summary>
/// Elementary functions on 16 floats. One polynomial whatever the hardware (AVX-512, AVX2 pairs, or scalar emulation, all with fused multiply-add), so an
/// element's result depends on nothing but the element.
/// </summary>
internal static class VectorMath
{
    public const int Lanes = 16;
    private const float Log2E = 1.44269504088896341f;

    /// <summary>2^x, relative error below 2e-7; 0 is never returned (the least result is 2^-126), above 128 infinity, NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> x)
    {
        // Adding and subtracting 1.5·2^23 rounds to the nearest integer and leaves that integer in the low mantissa bits.
        var magic = Vector512.Create(12582912f);
        var clamped = Vector512.Min(Vector512.Max(x, Vector512.Create(-126f)), Vector512.Create(128f));
        var shifted = clamped + magic;
        var fraction = clamped - (shifted - magic);
        var scale = (Vector512.ShiftLeft(shifted.AsInt32(), 23) + Vector512.Create(0x3F800000)).AsSingle();

        // Taylor series of 2^f at 0 in (ln 2)^k / k!, |f| ≤ 1/2.
        var p = Vector512.Create(1.5252734e-5f);
        p = Vector512.FusedMultiplyAdd(p, fraction, Vector512.Create(1.5403530e-4f));
        p = Vector512.FusedMultiplyAdd(p, fraction, Vector512.Create(1.3333558e-3f));
        p = Vector512.FusedMultiplyAdd(p, fraction, Vector512.Create(9.6181291e-3f));
        p = Vector512.FusedMultiplyAdd(p, fraction, Vector512.Create(5.5504109e-2f));
        p = Vector512.FusedMultiplyAdd(p, fraction, Vector512.Create(2.4022651e-1f));
        p = Vector512.FusedMultiplyAdd(p, fraction, Vector512.Create(6.9314718e-1f));
        p = Vector512.FusedMultiplyAdd(p, fraction, Vector512<float>.One);
        return p * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Exp2(x * Vector512.Create(Log2E));

    /// <summary>x / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SiLU(Vector512<float> x) => x / (Vector512<float>.One + Exp(-x));

    /// <summary>log(1 + e^x), and x itself above 20, as torch's softplus.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Softplus(Vector512<float> x)
    {
        var value = Log1p(Exp(x));
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(20f)), x, value);
    }

    /// <summary>The first <paramref name="count"/> floats at an address, zeros above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> Load(float* source, int count)
    {
        if (count == Lanes)
            return Vector512.Load(source);
        var lanes = stackalloc float[Lanes];
        for (var i = 0; i < count; i++)
            lanes[i] = source[i];
        for (var i = count; i < Lanes; i++)
            lanes[i] = 0;
        return Vector512.Load(lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector512<float> value, float* target, int count)
    {
        if (count == Lanes)
        {
            value.Store(target);
            return;
        }

        for (var i = 0; i < count; i++)
            target[i] = value.GetElement(i);
    }

    /// <summary>log(1 + u) for u ≥ 0, by log of w = 1 + u with u's lost low bits put back: log(w) + (u − (w − 1)) / w.</summary>
    private static Vector512<float> Log1p(Vector512<float> u)
    {
        var one = Vector512<float>.One;
        var w = one + u;
        return Log(w) + ((u - (w - one)) / w);
    }

    /// <summary>Natural logarithm of a normal number ≥ 1: exponent, and an odd series in (m − 1) / (m + 1) for m in [√½, √2).</summary>
    private static Vector512<float> Log(Vector512<float> x)
    {
        var bits = x.AsInt32();
        var offset = bits - Vector512.Create(0x3F3504F3);
        var exponent = Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(offset, 23));
        var m = ((offset & Vector512.Create(0x007FFFFF)) + Vector512.Create(0x3F3504F3)).AsSingle();
        var s = (m - Vector512<float>.One) / (m + Vector512<float>.One);
        var s2 = s * s;
        var p = Vector512.Create(2f / 9f);
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 7f));
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 5f));
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 3f));
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f));
        return Vector512.FusedMultiplyAdd(exponent, Vector512.Create(0.693147181f), p * s);
    }
}
