using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>Tests and intervals of a row's effect: of scalars that were chosen elsewhere, or of cross-fitted ones.</summary>
internal sealed class RowTests
{
    private readonly PairedScores _test;
    private readonly long _seed;
    private readonly CrossFittedEffect? _score;
    private readonly CrossFittedEffect? _likelihood;

    /// <param name="test">The row's test items.</param>
    /// <param name="seed">Of draws.</param>
    /// <param name="folded">Null: the scalar was chosen elsewhere.</param>
    /// <param name="block">The benchmark.</param>
    public RowTests(PairedScores test, long seed, FoldedChoice? folded, string block)
    {
        (_test, _seed) = (test, seed);
        if (folded?.Part(scores => scores.Score) is not { } score || test.N == 0)
            return;
        var likelihood = folded.Part(scores => scores.Likelihood);
        CrossFittedMember[] members = [new() { Block = block, Part = score }, .. likelihood is null ? (CrossFittedMember[])[] : [new() { Block = block, Part = likelihood }]];
        var found = new CrossFittedFamily(members, seed);
        (Member, _score, _likelihood) = (members[0], found.Alone(0), likelihood is null ? null : found.Alone(1));
    }

    /// <summary>Of the family of rows, if the row is cross-fitted.</summary>
    public CrossFittedMember? Member { get; }

    /// <summary>See <see cref="CrossFittedEffect.Widening"/>; 1 for what was chosen elsewhere.</summary>
    public double Widening => _score?.Widening ?? 1;

    public double? P => _score is { } folded ? folded.P : _test.P(_seed);

    public double? LogLikelihoodP => _likelihood is { } folded ? folded.P : _test.LogLikelihoodP(_seed);

    /// <summary>The exact test takes pairs for independent; those of a cross-fitted row are not quite.</summary>
    public double? McNemarP => _score is null && _test.IsPairedProportion ? P : null;

    /// <summary>See <see cref="SummaryRow.Reshuffling"/>.</summary>
    public bool IsReshuffling => _test is { Unit: ScoreUnit.Share, Effect: > 0, LogLikelihoodEffect: < 0 } && LogLikelihoodP <= 0.05;

    public double? MinimumDetectableEffect => _test.MinimumDetectableEffect is { } smallest ? Math.Min(1, smallest * Widening) : null;

    /// <summary>Standard error of the effect; infinite where the score is no share or there is no item.</summary>
    public double Error => _test is { Unit: ScoreUnit.Share, N: > 0 } ? Widening * PairedError.Of(_test.Score.Differences, _test.Score.GroupNames, _test.Score.Weights) : double.PositiveInfinity;

    public (double? Low, double? High) Interval(int draws) => EffectTests.Widened(_test.Interval(_seed, draws), _test.Effect, _test.Unit, Widening);

    /// <summary>Null without an item, as the next.</summary>
    public double? EquivalentP(double margin) => _test.N > 0 ? CrossFittedEffect.Widened(EffectTests.Equivalent(_test.Score, _test.Unit, _test.IsBinary, margin), Widening) : null;

    public double? NotWorseP(double margin) => _test.N > 0 ? CrossFittedEffect.Widened(EffectTests.NotWorse(_test.Score, _test.Unit, _test.IsBinary, margin), Widening) : null;
}
