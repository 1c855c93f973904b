using Sweep.Models.Steering;

namespace Sweep.Models.Mamba;

/// <summary>Writes one site's interventions into one row in plan order and measures each from the values before and after it.</summary>
internal static class RowSteerer
{
    /// <param name="start">The row's first real position.</param>
    /// <param name="values">The value at that position; positions lie <paramref name="stride"/> apart.</param>
    /// <param name="residual">The residual stream at that position; positions lie <paramref name="residualWidth"/> apart.</param>
    /// <param name="written">Called after each intervention, before it is measured.</param>
    public static unsafe void Apply(
        Pass pass, int layer, Site site, int row, int start, int length, int width, float* values, long stride, float* residual, int residualWidth, Action? written)
    {
        var description = pass.Rows![row];
        var promptEnd = description.PromptEnd;
        foreach (var intervention in description.Steering!.At(layer, site))
        {
            var (from, to) = intervention.Touched(start, start + length, promptEnd);
            if (to <= from)
                continue;
            var measured = description.Meter is null ? 0 : Math.Max(0, Math.Min(to, promptEnd) - from);
            var touched = values + (from - start) * stride;
            var before = measured == 0 ? [] : Copy(touched, stride, measured, width);
            pass.Writer.Write(intervention, touched, stride, to - from);
            written?.Invoke();
            description.Meter?.Touch(layer, from, to);
            if (measured == 0)
                continue;
            var squares = Squares(new(residual + (long)(from - start) * residualWidth, measured * residualWidth));
            fixed (float* pointer = before)
                description.Meter!.Measure(intervention, pointer, touched, stride, measured, width, squares);
        }
    }

    private static unsafe float[] Copy(float* values, long stride, int positions, int width)
    {
        var copy = GC.AllocateUninitializedArray<float>(positions * width);
        for (var position = 0; position < positions; position++, values += stride)
            new ReadOnlySpan<float>(values, width).CopyTo(copy.AsSpan(position * width));
        return copy;
    }

    private static double Squares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += (double)value * value;
        return sum;
    }
}
