namespace Sweep.Execution.Summaries;

/// <summary>One kind of score of a cell beside its baseline's, in item order. Items of which the steered side is missing are counted, but no part of any mean.</summary>
internal sealed class PairedSeries
{
    private readonly List<double> _baseline = [];
    private readonly List<double> _steered = [];
    private readonly List<double> _differences = [];
    private readonly List<double> _weights = [];
    private readonly List<string> _groups = [];
    private readonly List<string> _missing = [];
    private int _expected;

    public int N => _differences.Count;

    public int Groups => _groups.Distinct(StringComparer.Ordinal).Count();

    /// <summary>Every item is its own group.</summary>
    public bool IsOneEach => Groups == N;

    /// <summary>Steered − baseline, one an item.</summary>
    public IReadOnlyList<double> Differences => _differences;

    /// <summary>One a difference.</summary>
    public IReadOnlyList<string> GroupNames => _groups;

    /// <summary>One a difference.</summary>
    public IReadOnlyList<double> Weights => _weights;

    /// <summary>Groups of items whose steered side is missing, one an item.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Every item that the baseline has a score of has one here, and there is one.</summary>
    public bool IsComplete => N > 0 && N == _expected;

    public double Baseline => Mean(_baseline);

    public double Steered => Mean(_steered);

    public double Effect => Mean(_differences);

    public int RightToWrong => _differences.Count(difference => difference < 0);

    public int WrongToRight => _differences.Count(difference => difference > 0);

    /// <summary>Steered items with a score above 0: of binary scores, those that are right.</summary>
    public int Right => _steered.Count(score => score > 0);

    /// <param name="baseline">Null: the item has none, and is no part of the series.</param>
    /// <param name="steered">Null: it is missing.</param>
    /// <param name="group">The item's.</param>
    /// <param name="weight">In means.</param>
    /// <param name="swapped">Steered and baseline are exchanged.</param>
    public void Add(double? baseline, double? steered, string group, double weight = 1, bool swapped = false)
    {
        if (swapped)
            (baseline, steered) = (steered, baseline);
        if (baseline is not { } before)
            return;
        _expected++;
        if (steered is not { } after)
        {
            _missing.Add(group);
            return;
        }

        _baseline.Add(before);
        _steered.Add(after);
        _differences.Add(after - before);
        _weights.Add(weight);
        _groups.Add(group);
    }

    private double Mean(List<double> values)
    {
        double sum = 0, weight = 0;
        for (var i = 0; i < values.Count; i++)
        {
            sum += values[i] * _weights[i];
            weight += _weights[i];
        }

        return values.Count == 0 ? 0 : sum / weight;
    }
}
