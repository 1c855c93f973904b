namespace Sweep.Evaluation.Statistics;

/// <summary>
/// The sign flips of a two-sided permutation test: every pattern once, up to the sign of the whole where that cannot matter, if these are no more than the draws asked for; else
/// that many drawn ones, to which the observed pattern is added. Of all patterns the first is the observed one.
/// </summary>
internal sealed class SignPatterns
{
    private readonly int _groups;
    private readonly bool[] _flipped;
    private SplitMix64 _random;

    /// <param name="groups">Each with a sign.</param>
    /// <param name="draws">At most.</param>
    /// <param name="seed">Of drawn patterns.</param>
    /// <param name="isSymmetric">The statistic of a pattern is that of its opposite.</param>
    public SignPatterns(int groups, int draws, long seed, bool isSymmetric = true)
    {
        if (draws < 1)
            throw new ArgumentOutOfRangeException(nameof(draws), draws, "expected at least one draw");
        _groups = groups;
        _flipped = new bool[groups];
        _random = new SplitMix64(seed);
        var free = isSymmetric ? Math.Max(0, groups - 1) : groups;
        IsComplete = groups <= 31 && 1L << free <= draws;
        Count = IsComplete ? 1 << free : draws;
    }

    /// <summary>Every pattern is there, the observed one among them.</summary>
    public bool IsComplete { get; }

    public int Count { get; }

    /// <summary>The next pattern: whether each group's sign is flipped. Valid until the next call.</summary>
    /// <param name="index">0..<see cref="Count"/> − 1, ascending.</param>
    public ReadOnlySpan<bool> Next(int index)
    {
        var bits = IsComplete ? (ulong)index : 0;
        for (var group = 0; group < _groups; group++)
        {
            if (!IsComplete && group % 64 == 0)
                bits = _random.Next();
            _flipped[group] = (bits & 1) != 0;
            bits >>= 1;
        }

        return _flipped;
    }

    /// <summary>The share of patterns that reach the observed statistic; of drawn ones (1 + reached) / (draws + 1), which is never 0.</summary>
    public double P(int reached) => IsComplete ? (double)reached / Count : (1.0 + reached) / (Count + 1);
}
