using System.Runtime.Intrinsics;
using Sweep.Models.Kernels;
using static TorchSharp.torch;

namespace Sweep.Models.Steering;

/// <summary>
/// What interventions did to one row, measured on the tensors before and after them; after is the tensor that the next operation reads.
/// Ratios and changes are those of prompt positions, the count is of all.
/// </summary>
public sealed class InterventionMeter
{
    private readonly List<(int From, int To)> _touched = [];
    private int _layer = -1;
    private int _positions;

    /// <summary>Positions × layers where the tensor holds what an intervention makes of what it held before: a write that never happened is not counted.</summary>
    public int PositionsTouched => _positions + PositionsOfLayer();

    /// <summary>Smallest ‖after‖ / ‖before‖ of a channel that Scale or ZeroAblate steers; null when none was measured.</summary>
    public double? OnTargetMinimum { get; private set; }

    public double? OnTargetMaximum { get; private set; }

    /// <summary>Largest |ratio − 1| of the other channels.</summary>
    public double? OffTargetDeviation { get; private set; }

    /// <summary>Largest ‖after − before‖ / ‖residual stream‖ over interventions.</summary>
    public double? RelativeChange { get; private set; }

    /// <summary>Adds what another pass of the same row measured.</summary>
    public void Add(InterventionMeter other)
    {
        _positions += other.PositionsTouched;
        OnTargetMinimum = Smaller(OnTargetMinimum, other.OnTargetMinimum);
        OnTargetMaximum = Larger(OnTargetMaximum, other.OnTargetMaximum);
        OffTargetDeviation = Larger(OffTargetDeviation, other.OffTargetDeviation);
        RelativeChange = Larger(RelativeChange, other.RelativeChange);
    }

    internal void BeginPass() => CloseLayer(-1);

    /// <summary>Counts positions [from, to), whose values lie <paramref name="width"/> apart before and <paramref name="stride"/> apart after.</summary>
    internal unsafe void Touch(
        int layer, CompiledIntervention intervention, ScalarType dtype, float* before, float* after, long stride, int from, int to, int width)
    {
        if (layer != _layer)
            CloseLayer(layer);
        var run = from;
        for (var position = from; position < to; position++, before += width, after += stride)
        {
            if (Holds(intervention, dtype, before, after))
                continue;
            if (position > run)
                _touched.Add((run, position));
            run = position + 1;
        }

        if (to > run)
            _touched.Add((run, to));
    }

    /// <summary>Counts those of the positions from the first whose flag is set, as <see cref="Touch(int, CompiledIntervention, ScalarType, float*, float*, long, int, int, int)"/> finds them.</summary>
    internal void Touch(int layer, int first, ReadOnlySpan<byte> holds)
    {
        if (layer != _layer)
            CloseLayer(layer);
        for (var run = 0; run < holds.Length;)
        {
            var count = holds[run..].IndexOf((byte)0);
            var end = count < 0 ? holds.Length : run + count;
            if (end > run)
                _touched.Add((first + run, first + end));
            run = end + 1;
        }
    }

    /// <summary>What a kernel measured: least and largest ratio of a steered channel, largest deviation of another (the largest ones less than 0: none), squares of the change and of the residual stream.</summary>
    internal void Measure(ReadOnlySpan<double> figures)
    {
        if (!(figures[1] < 0))
        {
            OnTargetMinimum = Smaller(OnTargetMinimum, figures[0]);
            OnTargetMaximum = Larger(OnTargetMaximum, figures[1]);
        }

        if (!(figures[2] < 0))
            OffTargetDeviation = Larger(OffTargetDeviation, figures[2]);
        if (figures[4] > 0)
            RelativeChange = Larger(RelativeChange, Math.Sqrt(figures[3] / figures[4]));
    }

    /// <summary>Channel norms over positions × width values that lie <paramref name="width"/> apart before and <paramref name="stride"/> apart after.</summary>
    internal unsafe void Measure(CompiledIntervention intervention, float* before, float* after, long stride, int positions, int width, double residualSquares)
    {
        var squaresBefore = new double[width];
        var squaresAfter = new double[width];
        double change = 0;
        for (var position = 0; position < positions; position++, before += width, after += stride)
            change += Accumulate(new(before, width), new(after, width), squaresBefore, squaresAfter);

        var target = 0;
        var channels = intervention.Channels;
        var hasRatio = intervention.Operation is Operation.Scale or Operation.ZeroAblate;
        for (var channel = 0; channel < width; channel++)
        {
            var onTarget = target < channels.Length && channels[target] == channel;
            if (onTarget)
                target++;
            if (squaresBefore[channel] == 0)
                continue;
            var ratio = squaresAfter[channel] == squaresBefore[channel] ? 1 : Math.Sqrt(squaresAfter[channel] / squaresBefore[channel]);
            if (!onTarget)
            {
                OffTargetDeviation = Larger(OffTargetDeviation, Math.Abs(ratio - 1));
            }
            else if (hasRatio)
            {
                OnTargetMinimum = Smaller(OnTargetMinimum, ratio);
                OnTargetMaximum = Larger(OnTargetMaximum, ratio);
            }
        }

        if (residualSquares > 0)
            RelativeChange = Larger(RelativeChange, Math.Sqrt(change / residualSquares));
    }

    private static unsafe bool Holds(CompiledIntervention intervention, ScalarType dtype, float* before, float* after)
    {
        var channels = intervention.Channels;
        for (var i = 0; i < channels.Length; i++)
        {
            if (!Rounding.To(dtype, intervention.Result(i, before[channels[i]])).Equals(after[channels[i]]))
                return false;
        }

        return true;
    }

    private static double Accumulate(ReadOnlySpan<float> before, ReadOnlySpan<float> after, Span<double> squaresBefore, Span<double> squaresAfter)
    {
        var change = Vector512<double>.Zero;
        var channel = 0;
        for (; channel <= before.Length - 8; channel += 8)
        {
            var b = Widen(before[channel..]);
            var a = Widen(after[channel..]);
            (Vector512.Create<double>(squaresBefore[channel..]) + b * b).CopyTo(squaresBefore[channel..]);
            (Vector512.Create<double>(squaresAfter[channel..]) + a * a).CopyTo(squaresAfter[channel..]);
            change += (a - b) * (a - b);
        }

        var sum = Vector512.Sum(change);
        for (; channel < before.Length; channel++)
        {
            double b = before[channel], a = after[channel];
            squaresBefore[channel] += b * b;
            squaresAfter[channel] += a * a;
            sum += (a - b) * (a - b);
        }

        return sum;
    }

    private static Vector512<double> Widen(ReadOnlySpan<float> values)
    {
        var (low, high) = Vector256.Widen(Vector256.Create(values));
        return Vector512.Create(low, high);
    }

    private static double? Smaller(double? a, double? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);

    private static double? Larger(double? a, double? b) => a is null ? b : b is null ? a : Math.Max(a.Value, b.Value);

    private void CloseLayer(int next)
    {
        _positions += PositionsOfLayer();
        _touched.Clear();
        _layer = next;
    }

    private int PositionsOfLayer()
    {
        if (_touched.Count <= 1)
            return _touched.Count == 0 ? 0 : _touched[0].To - _touched[0].From;
        var count = 0;
        var reached = int.MinValue;
        foreach (var (from, to) in _touched.OrderBy(range => range.From))
        {
            count += Math.Max(0, to - Math.Max(from, reached));
            reached = Math.Max(reached, to);
        }

        return count;
    }
}
