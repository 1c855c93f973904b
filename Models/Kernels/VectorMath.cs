using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sweep.Models.Kernels;

/// <summary>
/// Elementary functions on 16 floats: AVX-512 where the machine has it, else AVX2 pairs or scalars by the runtime's emulation, with the same polynomials. On one machine
/// an element's result depends on nothing but the element.
/// </summary>
internal static class VectorMath
{
    public const int Lanes = 16;
    private const byte RoundToNearest = 8;
    private const float Log2E = 1.44269504088896341f;

    /// <summary>
    /// 2^x, relative error below 2e-7; 1 at 0 exactly, so that a state without decay stays what it is. Infinity from 128 on (without AVX-512 from 127.5 on), NaN stays NaN;
    /// below −126 the result lies between 0 and 2^−126, also at −infinity.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> x)
    {
        if (Avx512F.IsSupported)
        {
            // One instruction rounds, one scales by a power of two, with the right ends of the range: at an infinity x − whole is NaN, and NaN scaled by 2^±∞ is ∞ or 0.
            var whole = Avx512F.RoundScale(x, RoundToNearest);
            return Avx512F.Scale(PowerOfFraction(x - whole), whole);
        }

        // Adding and subtracting 1.5·2^23 rounds to the nearest integer and leaves that integer in the low mantissa bits. The plain minimum and maximum give their
        // second operand where one is NaN, so NaN passes.
        var magic = Vector512.Create(12582912f);
        var clamped = Vector512.MinNative(Vector512.Create(128f), Vector512.MaxNative(Vector512.Create(-126f), x));
        var shifted = clamped + magic;
        var scale = (Vector512.ShiftLeft(shifted.AsInt32(), 23) + Vector512.Create(0x3F800000)).AsSingle();
        return PowerOfFraction(clamped - (shifted - magic)) * scale;
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
    public static unsafe Vector512<float> Load(float* source, int count) => count == Lanes ? Vector512.Load(source) : LoadSome(source, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector512<float> value, float* target, int count)
    {
        if (count == Lanes)
            value.Store(target);
        else
            StoreSome(value, target, count);
    }

    // Apart, because a method with a buffer on the stack is not inlined into a loop.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe Vector512<float> LoadSome(float* source, int count)
    {
        var lanes = stackalloc float[Lanes];
        for (var i = 0; i < Lanes; i++)
            lanes[i] = i < count ? source[i] : 0;
        return Vector512.Load(lanes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void StoreSome(Vector512<float> value, float* target, int count)
    {
        for (var i = 0; i < count; i++)
            target[i] = value.GetElement(i);
    }

    /// <summary>2^f for |f| ≤ ½: the polynomial of degree 6 of least relative error (2e-9 before rounding), by Remez' exchange, its constant set to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfFraction(Vector512<float> f)
    {
        var p = Vector512.Create(1.534581201e-4f);
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(1.339993122e-3f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(9.618488957e-3f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(5.550328777e-2f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(2.402264689e-1f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(6.931472057e-1f));
        return Vector512.FusedMultiplyAdd(p, f, Vector512<float>.One);
    }

    /// <summary>log(1 + u) for u ≥ 0, by log of w = 1 + u with u's lost low bits put back: log(w) + (u − (w − 1)) / w.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Log1p(Vector512<float> u)
    {
        var one = Vector512<float>.One;
        var w = one + u;
        return Log(w) + ((u - (w - one)) / w);
    }

    /// <summary>Natural logarithm of a normal number ≥ 1: exponent, and an odd series in (m − 1) / (m + 1) for m in [√½, √2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
