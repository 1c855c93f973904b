using System.Runtime.Intrinsics;

namespace Sweep.Models.Kernels;

/// <summary>The look-out for rows that leave the finite numbers.</summary>
internal static unsafe class FiniteNumbers
{
    /// <summary>True without NaN or infinity among the first <paramref name="width"/> floats.</summary>
    public static bool All(float* values, int width)
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
}
