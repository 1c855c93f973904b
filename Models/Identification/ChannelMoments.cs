namespace Sweep.Models.Identification;

/// <summary>
/// Moments of every channel of one site, text by text and in double precision: over all positions, and over texts of the mean over positions. Two of them merge into
/// that of both their texts (T. F. Chan; P. Pébay, SAND2008-6212), so memory does not grow with the texts.
/// </summary>
public sealed class ChannelMoments(int width)
{
    private readonly double[] _means = new double[width];
    private readonly double[] _second = new double[width];
    private readonly double[] _third = new double[width];
    private readonly double[] _fourth = new double[width];
    private readonly double[] _absolute = new double[width];
    private readonly double[] _textMeans = new double[width];
    private readonly double[] _textSquares = new double[width];

    public int Width => width;

    public long Positions { get; private set; }

    public int Texts { get; private set; }

    /// <summary>Mean over texts of the mean over positions: what a mean ablation sets.</summary>
    public double[] Means => [.. _textMeans];

    /// <summary>Population variance over texts of the mean over positions: the score of arXiv 2602.22719.</summary>
    public double[] VarianceOverTexts => [.. _textSquares.Select(squares => squares / Texts)];

    /// <summary>Population variance over all positions of all texts.</summary>
    public double[] VarianceOverPositions => [.. _second.Select(squares => squares / Positions)];

    /// <summary>Mean of |x| over all positions.</summary>
    public double[] MeanAbsolute => [.. _absolute.Select(sum => sum / Positions)];

    /// <summary>Fourth central moment over the squared variance, 3 for a normal distribution; null for a channel that never changes.</summary>
    public double?[] Kurtosis => [.. _second.Select((squares, channel) => squares > 0 ? Positions * _fourth[channel] / (squares * squares) : (double?)null)];

    /// <summary>Adds one text, [positions, width] in row-major order, at least one position; its mean over positions.</summary>
    public double[] AddText(ReadOnlySpan<float> values)
    {
        var positions = values.Length / width;
        if (positions == 0 || positions * width != values.Length)
            throw new ArgumentException($"{values.Length} values, expected a multiple of {width}, the width");
        var text = new ChannelMoments(width) { Positions = positions, Texts = 1 };
        for (var position = 0; position < positions; position++)
        {
            var row = values.Slice(position * width, width);
            for (var channel = 0; channel < width; channel++)
            {
                text._means[channel] += row[channel];
                text._absolute[channel] += Math.Abs(row[channel]);
            }
        }

        for (var channel = 0; channel < width; channel++)
            text._textMeans[channel] = text._means[channel] /= positions;
        for (var position = 0; position < positions; position++)
        {
            var row = values.Slice(position * width, width);
            for (var channel = 0; channel < width; channel++)
            {
                var distance = row[channel] - text._means[channel];
                var square = distance * distance;
                text._second[channel] += square;
                text._third[channel] += square * distance;
                text._fourth[channel] += square * square;
            }
        }

        Merge(text);
        return text._textMeans;
    }

    /// <summary>Adds all texts of another.</summary>
    public void Merge(ChannelMoments other)
    {
        if (other.Width != width)
            throw new ArgumentException($"moments of {other.Width} channels, expected {width}");
        if (other.Positions == 0)
            return;
        double a = Positions, b = other.Positions, n = a + b;
        double texts = Texts, others = other.Texts;
        for (var channel = 0; channel < width; channel++)
        {
            var d = other._means[channel] - _means[channel];
            double s2 = _second[channel], o2 = other._second[channel], s3 = _third[channel], o3 = other._third[channel];
            _fourth[channel] += other._fourth[channel] + (d * d * d * d * a * b * ((a * a) - (a * b) + (b * b)) / (n * n * n))
                + (6 * d * d * ((a * a * o2) + (b * b * s2)) / (n * n)) + (4 * d * ((a * o3) - (b * s3)) / n);
            _third[channel] += o3 + (d * d * d * a * b * (a - b) / (n * n)) + (3 * d * ((a * o2) - (b * s2)) / n);
            _second[channel] += o2 + (d * d * a * b / n);
            _means[channel] += d * b / n;
            _absolute[channel] += other._absolute[channel];
            var t = other._textMeans[channel] - _textMeans[channel];
            _textSquares[channel] += other._textSquares[channel] + (t * t * texts * others / (texts + others));
            _textMeans[channel] += t * others / (texts + others);
        }

        Positions += other.Positions;
        Texts += other.Texts;
    }
}
