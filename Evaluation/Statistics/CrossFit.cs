using System.Numerics;

namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Configurations of which each fold of groups is given the one that is best on the groups of all other folds: what is measured on a fold had no part in the choice for it (Stone
/// 1974). Of equal ones the first is chosen, so the order of configurations says which is preferred.
/// </summary>
public sealed class CrossFit
{
    private readonly int _width;
    private readonly Vector<double>[] _gains;
    private readonly bool[][] _barred;
    private readonly Vector<double>[] _sums;
    private readonly double[] _others;

    /// <param name="groups">Names, each once.</param>
    /// <param name="foldOf">One a group, 0, 1, …</param>
    /// <param name="gains">By configuration: Σ weight · (steered − baseline) of each group, of the statistic that is chosen by.</param>
    /// <param name="spoilt">By configuration: whether a group is not fully measured, so that no fold but its own can choose the configuration. Null: none is.</param>
    public CrossFit(IReadOnlyList<string> groups, IReadOnlyList<int> foldOf, IReadOnlyList<IReadOnlyList<double>> gains, IReadOnlyList<IReadOnlyList<bool>>? spoilt = null)
    {
        if (gains.Count == 0 || groups.Count == 0 || foldOf.Count != groups.Count || gains.Any(ofOne => ofOne.Count != groups.Count))
            throw new ArgumentException($"found {gains.Count} configurations of {groups.Count} groups in {foldOf.Count} folds, expected a gain of each group of each configuration");
        (Groups, FoldOf) = (groups, foldOf);
        Folds = foldOf.Max() + 1;
        Configurations = gains.Count;
        _width = (gains.Count + Vector<double>.Count - 1) / Vector<double>.Count;
        var row = new double[_width * Vector<double>.Count];
        _gains = new Vector<double>[groups.Count * _width];
        for (var group = 0; group < groups.Count; group++)
        {
            for (var one = 0; one < gains.Count; one++)
                row[one] = gains[one][group];
            for (var i = 0; i < _width; i++)
                _gains[(group * _width) + i] = new Vector<double>(row, i * Vector<double>.Count);
        }

        _barred = [.. Enumerable.Range(0, Folds).Select(fold => Enumerable.Range(0, gains.Count).Select(one => spoilt is not null && spoilt[one].Index().Any(pair => pair.Item && foldOf[pair.Index] != fold)).ToArray())];
        _sums = new Vector<double>[Folds * _width];
        _others = new double[row.Length];
    }

    public IReadOnlyList<string> Groups { get; }

    public IReadOnlyList<int> FoldOf { get; }

    public int Folds { get; }

    public int Configurations { get; }

    /// <summary>The configuration of each fold where nothing is flipped.</summary>
    public int[] Choose()
    {
        var chosen = new int[Folds];
        Choose(new bool[Groups.Count], chosen);
        return chosen;
    }

    /// <summary>The configuration of each fold if steered and baseline changed places in the flipped groups, for all configurations alike. Not to be called by two threads.</summary>
    public void Choose(ReadOnlySpan<bool> flipped, Span<int> chosen)
    {
        Array.Clear(_sums);
        for (var group = 0; group < flipped.Length; group++)
        {
            var (from, to) = (group * _width, FoldOf[group] * _width);
            for (var i = 0; i < _width; i++)
                _sums[to + i] += flipped[group] ? -_gains[from + i] : _gains[from + i];
        }

        for (var fold = 0; fold < Folds; fold++)
        {
            // Added up without the fold itself: total − fold would differ by what rounds off, and ties would be none.
            for (var i = 0; i < _width; i++)
            {
                var sum = Vector<double>.Zero;
                for (var other = 0; other < Folds; other++)
                {
                    if (other != fold)
                        sum += _sums[(other * _width) + i];
                }

                sum.CopyTo(_others, i * Vector<double>.Count);
            }

            chosen[fold] = Best(_barred[fold]);
        }
    }

    private int Best(bool[] barred)
    {
        var best = -1;
        for (var one = 0; one < Configurations; one++)
        {
            if (!barred[one] && (best < 0 || _others[one] > _others[best]))
                best = one;
        }

        // Nothing is fully measured: the one that is preferred.
        return Math.Max(0, best);
    }
}
