namespace Sweep.Evaluation.Statistics;

/// <summary>What a cross-fitted choice is worth: a group counts what the configuration of its fold is worth on it.</summary>
/// <param name="Choice">Chooses for each fold.</param>
/// <param name="Values">By configuration: Σ weight · (steered − baseline) of each group.</param>
public sealed record CrossFittedPart(CrossFit Choice, IReadOnlyList<IReadOnlyList<double>> Values);

/// <summary>One effect of a family that is tested together.</summary>
public sealed record CrossFittedMember
{
    /// <summary>As <see cref="FamilyMember.Block"/>: members of one block share the sign of each group.</summary>
    public required string Block { get; init; }

    public required CrossFittedPart Part { get; init; }

    /// <summary>What is subtracted; null: nothing.</summary>
    public CrossFittedPart? Minus { get; init; }

    /// <summary>A member without a choice.</summary>
    public static CrossFittedMember Of(FamilyMember member)
    {
        var sums = GroupSums.Ordered(member.Differences, member.Groups, member.Weights);
        double[][] values = [[.. sums.Select(group => group.Sum)]];
        return new CrossFittedMember
        {
            Block = member.Block,
            Part = new CrossFittedPart(new CrossFit([.. sums.Select(group => group.Group)], [.. sums.Select(_ => 0)], values), values),
        };
    }
}

/// <summary>What a member is found to be, without the others of its family.</summary>
public readonly record struct CrossFittedEffect
{
    /// <summary>Σ s / √(Σ s²) over groups.</summary>
    public required double T { get; init; }

    /// <summary>Two-sided.</summary>
    public required double P { get; init; }

    /// <summary>
    /// How many times as far as a normal distribution's the mean's distance from none reaches without an effect, in standard errors between groups: its 95 % point over 1.96, at least 1.
    /// Intervals and errors of pooled differences, which take the choices for given, are too narrow by it.
    /// </summary>
    public required double Widening { get; init; }

    /// <summary>A one-sided p whose statistic spreads so many times as wide as its test takes it to.</summary>
    public static double Widened(double p, double widening) => widening == 1 || p is 0 or >= 0.5 ? p : StandardNormal.Cumulative(StandardNormal.Quantile(p) / widening);
}

/// <summary>
/// Sign-flip tests of cross-fitted effects, and their max-statistic. Steered and baseline of a group change places for all configurations alike, and every fold chooses anew under every flip: without an
/// effect each such world is as likely as the recorded one, so that p is exact whatever the choices depend on. Flips of the pooled differences alone would not be: a group is measured by what
/// other folds chose, and has a say in what is measured on them, which makes fold sums positively correlated (docs/decisions/0025).
/// </summary>
public sealed class CrossFittedFamily
{
    /// <summary>In units of t: statistics closer than this are the same one, rounded differently.</summary>
    private const double Rounding = 1e-10;

    private readonly SignPatterns _patterns;
    private readonly double[][] _drawn;
    private readonly double[] _observed;
    private readonly int[] _groups;

    /// <summary>Cost: draws · groups · (configurations of each distinct choice + members).</summary>
    public CrossFittedFamily(IReadOnlyList<CrossFittedMember> family, long seed, int draws = SignFlipTest.DefaultDraws)
    {
        var blocks = family.Index().GroupBy(pair => pair.Item.Block, StringComparer.Ordinal).OrderBy(block => block.Key, StringComparer.Ordinal).Select(block => new Block([.. block])).ToArray();
        _observed = new double[family.Count];
        _groups = [.. family.Select(member => member.Part.Choice.Groups.Count)];
        foreach (var block in blocks)
            block.Draw(new bool[block.Groups], (member, t) => _observed[member] = t);
        _patterns = new SignPatterns(blocks.Sum(block => block.Groups), draws, seed, isSymmetric: false);
        _drawn = [.. family.Select(_ => new double[_patterns.Count])];
        for (var i = 0; i < _patterns.Count; i++)
        {
            var flipped = _patterns.Next(i);
            var at = i;
            foreach (var block in blocks)
            {
                block.Draw(flipped[..block.Groups], (member, t) => _drawn[member][at] = Math.Abs(t));
                flipped = flipped[block.Groups..];
            }
        }
    }

    /// <summary>A member by itself.</summary>
    public CrossFittedEffect Alone(int member)
    {
        var sorted = _drawn[member].Order().ToArray();
        var point = sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(0.95 * (sorted.Length + 1)) - 1, 0, sorted.Length - 1)];
        return new CrossFittedEffect
        {
            T = _observed[member],
            P = _patterns.P(Reached(sorted, _observed[member])),
            Widening = Math.Max(1, InErrors(point, _groups[member]) / StandardNormal.TwoSided95),
        };
    }

    /// <summary>Σ s / √(Σ s²) in standard errors about the mean; at most twice as many.</summary>
    private static double InErrors(double t, double groups) => t * Math.Sqrt((groups - 1) / Math.Max(groups - (t * t), groups / 4));

    /// <summary>Of some members: each one's p corrected for all of them, in their order.</summary>
    public IReadOnlyList<double> Together(IReadOnlyList<int> members)
    {
        var largest = new double[_patterns.Count];
        foreach (var member in members)
        {
            for (var i = 0; i < largest.Length; i++)
                largest[i] = Math.Max(largest[i], _drawn[member][i]);
        }

        Array.Sort(largest);
        return [.. members.Select(member => _patterns.P(Reached(largest, _observed[member])))];
    }

    private static int Reached(double[] sorted, double t)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < Math.Abs(t) - Rounding)
                low = middle + 1;
            else
                high = middle;
        }

        return sorted.Length - low;
    }

    /// <summary>Members that share groups, and the distinct choices behind them: rows of one bottleneck by several statistics choose once.</summary>
    private sealed class Block
    {
        private readonly (CrossFit Choice, int[] Groups, bool[] Flipped, int[] Chosen)[] _choices;
        private readonly (int Member, (int Choice, double Sign, double[][] Values)[] Parts)[] _members;
        private readonly double[] _sums;

        public Block((int Index, CrossFittedMember Item)[] members)
        {
            var choices = members.SelectMany(pair => Parts(pair.Item)).Select(part => part.Part.Choice).Distinct(ReferenceEqualityComparer.Instance).Cast<CrossFit>().ToArray();
            var names = choices.SelectMany(choice => choice.Groups).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
            var index = names.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
            _choices = [.. choices.Select(choice => (choice, choice.Groups.Select(group => index[group]).ToArray(), new bool[choice.Groups.Count], new int[choice.Folds]))];
            _members = [.. members.Select(pair => (pair.Index, Parts(pair.Item).Select(part => (Array.IndexOf(choices, part.Part.Choice), part.Sign, part.Part.Values.Select(values => values.ToArray()).ToArray())).ToArray()))];
            _sums = new double[names.Length];
        }

        public int Groups => _sums.Length;

        public void Draw(ReadOnlySpan<bool> flipped, Action<int, double> found)
        {
            foreach (var (choice, groups, own, chosen) in _choices)
            {
                for (var group = 0; group < own.Length; group++)
                    own[group] = flipped[groups[group]];
                choice.Choose(own, chosen);
            }

            foreach (var (member, parts) in _members)
                found(member, Statistic(flipped, parts));
        }

        private double Statistic(ReadOnlySpan<bool> flipped, (int Choice, double Sign, double[][] Values)[] parts)
        {
            Array.Clear(_sums);
            foreach (var (which, sign, values) in parts)
            {
                var (choice, groups, _, chosen) = _choices[which];
                for (var group = 0; group < groups.Length; group++)
                    _sums[groups[group]] += sign * values[chosen[choice.FoldOf[group]]][group];
            }

            double sum = 0, squares = 0;
            for (var group = 0; group < _sums.Length; group++)
            {
                sum += flipped[group] ? -_sums[group] : _sums[group];
                squares += _sums[group] * _sums[group];
            }

            return squares > 0 ? sum / Math.Sqrt(squares) : 0;
        }

        private static IEnumerable<(CrossFittedPart Part, double Sign)> Parts(CrossFittedMember member) =>
            member.Minus is { } minus ? [(member.Part, 1.0), (minus, -1.0)] : [(member.Part, 1.0)];
    }
}
