using System.Buffers;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>Writes one site's interventions into one row in plan order and measures each from the values before and after it.</summary>
internal static class RowSteerer
{
    /// <param name="start">The row's first real position.</param>
    /// <param name="dtype">Of the activation; the values are fp32, rounded to it.</param>
    /// <param name="values">The value at that position; positions lie <paramref name="stride"/> apart.</param>
    /// <param name="residual">The residual stream at that position; positions lie <paramref name="residualWidth"/> apart. May be the values themselves.</param>
    /// <param name="written">Called after each intervention, before it is measured: rounds the values to the dtype.</param>
    public static unsafe void Apply(
        Pass pass, int layer, Site site, int row, int start, int length, int width, ScalarType dtype, float* values, long stride, float* residual, int residualWidth, Action? written)
    {
        var (promptEnd, meter) = (pass.Rows![row].PromptEnd, pass.Rows[row].Meter);
        var interventions = pass.Rows[row].Steering!.At(layer, site);
        // Taken before the first write: at ResidualPre the activation is the residual stream itself.
        Span<double> residualSquares = meter is null ? [] : new double[interventions.Length];
        for (var i = 0; i < residualSquares.Length; i++)
        {
            var (from, to) = OfPrompt(interventions[i].Touched(start, start + length, promptEnd), promptEnd);
            residualSquares[i] = Squares(new(residual + (long)(from - start) * residualWidth, (to - from) * residualWidth));
        }

        for (var i = 0; i < interventions.Length; i++)
        {
            var intervention = interventions[i];
            var (from, to) = intervention.Touched(start, start + length, promptEnd);
            if (to <= from)
                continue;
            var touched = values + (from - start) * stride;
            // Hundreds of kilobytes a row: rented, for large objects that live so short would have all generations collected again and again.
            var copy = meter is null ? null : Copy(touched, stride, to - from, width);
            fixed (float* before = copy)
            {
                pass.Writer.Write(intervention, touched, stride, to - from);
                written?.Invoke();
                meter?.Touch(layer, intervention, dtype, before, touched, stride, from, to, width);
                var (_, promptTo) = OfPrompt((from, to), promptEnd);
                if (promptTo > from)
                    meter?.Measure(intervention, before, touched, stride, promptTo - from, width, residualSquares[i]);
            }

            if (copy is not null)
                ArrayPool<float>.Shared.Return(copy);
        }
    }

    private static (int From, int To) OfPrompt((int From, int To) touched, int promptEnd) => (touched.From, Math.Max(touched.From, Math.Min(touched.To, promptEnd)));

    private static unsafe float[] Copy(float* values, long stride, int positions, int width)
    {
        var copy = ArrayPool<float>.Shared.Rent(positions * width);
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
