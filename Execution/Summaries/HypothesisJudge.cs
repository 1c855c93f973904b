using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>
/// Holds a plan's hypotheses against its counted rows. What rows say already is taken from them; comparisons between bottlenecks and of other metrics are tested here, all of them as one
/// family. Everything is on the test split, at scalars that were chosen elsewhere or stated before.
/// </summary>
internal sealed class HypothesisJudge
{
    private const double Level = 0.05;

    private readonly SweepPlan _plan;
    private readonly IReadOnlyList<OpenRow> _open;
    private readonly IReadOnlyList<SummaryRow> _counted;

    /// <param name="plan">Its hypotheses are judged.</param>
    /// <param name="open">Rows with their series.</param>
    /// <param name="counted">The same rows, corrected.</param>
    private HypothesisJudge(SweepPlan plan, IReadOnlyList<OpenRow> open, IReadOnlyList<SummaryRow> counted) => (_plan, _open, _counted) = (plan, open, counted);

    public static IReadOnlyList<HypothesisResult>? Judge(SweepPlan plan, IReadOnlyList<OpenRow> open, IReadOnlyList<SummaryRow> counted) =>
        plan.Hypotheses is { } hypotheses ? new HypothesisJudge(plan, open, counted).Judge(hypotheses) : null;

    private HypothesisResult[] Judge(IReadOnlyList<HypothesisPlan> hypotheses)
    {
        var claims = hypotheses.Select(hypothesis => Claims(hypothesis).ToArray()).ToArray();
        var tested = claims.SelectMany(ofOne => ofOne).Where(claim => claim.Series is not null).ToArray();
        Test(tested);
        return [.. hypotheses.Zip(claims, (hypothesis, ofOne) =>
        {
            HypothesisPart[] parts = [.. ofOne.Select(claim => Part(hypothesis, claim))];
            return new HypothesisResult { Hypothesis = hypothesis, Outcome = Together(parts), Parts = parts };
        })];
    }

    /// <summary>One family; where scalars are cross-fitted, they are chosen anew in every draw.</summary>
    private void Test(Claim[] tested)
    {
        if (tested.All(claim => claim.Folded is null))
        {
            foreach (var (claim, (_, p)) in tested.Zip(MaxStatistic.Test([.. tested.Select(Member)], _plan.Seed)))
                claim.P = p;
            return;
        }

        var family = new CrossFittedFamily([.. tested.Select(claim => claim.Folded ?? CrossFittedMember.Of(Member(claim)))], _plan.Seed);
        foreach (var (index, p) in family.Together([.. Enumerable.Range(0, tested.Length)]).Index())
            (tested[index].P, tested[index].Widening) = (p, family.Alone(index).Widening);
    }

    private static HypothesisOutcome Together(HypothesisPart[] parts) =>
        parts.Any(part => part.Outcome == HypothesisOutcome.Refuted) ? HypothesisOutcome.Refuted
        : parts.Length > 0 && parts.All(part => part.Outcome == HypothesisOutcome.Confirmed) ? HypothesisOutcome.Confirmed
        : HypothesisOutcome.Undecided;

    private IEnumerable<Claim> Claims(HypothesisPlan hypothesis)
    {
        foreach (var (index, open) in _open.Index())
        {
            var row = _counted[index];
            if (row.Bottleneck != hypothesis.Bottleneck || hypothesis.Benchmarks?.Contains(row.Benchmark) == false || hypothesis.Models?.Contains(row.Model) == false)
                continue;
            var test = At(open, hypothesis);
            if (hypothesis.Than is null)
                yield return new Claim(row, test, null, hypothesis is { Metric: null, Scalar: null } ? null : Series(test, hypothesis), IsOwn: hypothesis is not { Metric: null, Scalar: null }) { Folded = Folded(open, hypothesis, null) };
            foreach (var than in hypothesis.Than ?? [])
            {
                var other = _open.FirstOrDefault(one => one.Row.Model == row.Model && one.Row.Benchmark == row.Benchmark && one.Row.Bottleneck == than);
                yield return new Claim(row, test, than, Between(Series(test, hypothesis), other is null ? null : Series(At(other, hypothesis) ?? other.Test, hypothesis)), IsOwn: true) { Folded = Folded(open, hypothesis, other) };
            }
        }
    }

    /// <summary>Where the hypothesis is about; null: it was not run there.</summary>
    private static PairedScores? At(OpenRow open, HypothesisPlan hypothesis) => hypothesis.Scalar is { } scalar ? open.At(scalar) : open.Test;

    private static PairedSeries? Series(PairedScores? scores, HypothesisPlan hypothesis) => hypothesis.Metric is { } metric ? scores?.MetricSeries(metric) : scores?.Score;

    /// <summary>The one's effects minus the other's, item by item; null where they are not of the same items.</summary>
    private static PairedSeries? Between(PairedSeries? one, PairedSeries? other)
    {
        if (one is not { IsComplete: true } || other is not { IsComplete: true } || one.N != other.N)
            return null;
        var between = new PairedSeries();
        for (var item = 0; item < one.N; item++)
            between.Add(other.Differences[item], one.Differences[item], one.GroupNames[item], one.Weights[item]);
        return between;
    }

    /// <summary>Null: the benchmark is not cross-fitted, or lacks what is asked for.</summary>
    private static CrossFittedMember? Folded(OpenRow open, HypothesisPlan hypothesis, OpenRow? than)
    {
        if (Part(open) is not { } part)
            return null;
        return new CrossFittedMember { Block = open.Row.Benchmark, Part = part, Minus = than is null ? null : Part(than) };

        CrossFittedPart? Part(OpenRow of) => of.Folded is not { } folded ? null
            : (hypothesis.Scalar is { } scalar ? folded.Part(scalar, scores => Series(scores, hypothesis)) : null) ?? folded.Part(scores => Series(scores, hypothesis));
    }

    private static FamilyMember Member(Claim claim) =>
        new() { Block = claim.Row.Benchmark, Differences = claim.Series!.Differences, Groups = claim.Series.GroupNames, Weights = claim.Series.Weights };

    private HypothesisPart Part(HypothesisPlan hypothesis, Claim claim)
    {
        var row = claim.Row;
        var (outcome, effect, p, reason) = row.TestItems == 0 || (claim.IsOwn && claim.Series is not { N: > 0 })
            ? (HypothesisOutcome.Undecided, null, null, "not measured")
            : hypothesis.Against == PlanWords.OfControls ? Ranked(row) : Directed(hypothesis, claim);
        if (outcome == HypothesisOutcome.Confirmed && hypothesis.Chosen is { } expected && row.Scalar != expected)
            (outcome, reason) = (HypothesisOutcome.Refuted, "selection chose another scalar");
        else if (outcome == HypothesisOutcome.Confirmed && hypothesis.Chosen is not null && row.CrossFit is { } folds && folds.Agreeing < folds.Folds.Count)
            (outcome, reason) = (HypothesisOutcome.Undecided, $"{folds.Agreeing} of {folds.Folds.Count} folds chose that scalar");
        return new HypothesisPart { Model = row.Model, Benchmark = row.Benchmark, Than = claim.Than, Outcome = outcome, Unit = row.Unit, Effect = effect, P = p, Scalar = hypothesis.Scalar ?? row.Scalar, Reason = reason };
    }

    /// <summary>Refuted where more controls are at least as good than one in twenty would give by chance.</summary>
    private static (HypothesisOutcome, double?, double?, string?) Ranked(SummaryRow row)
    {
        if (row.ControlRank is not { } rank)
            return (HypothesisOutcome.Undecided, row.Effect, null, "no controls");
        var reason = $"{rank - 1} of {row.Controls} random controls at least as good";
        var outcome = row.ControlCorrectedP <= Level ? HypothesisOutcome.Confirmed
            : AtLeast(rank - 1, row.Controls, Level) <= Level ? HypothesisOutcome.Refuted
            : HypothesisOutcome.Undecided;
        return (outcome, row.Effect, row.ControlCorrectedP, row.RankOnly ? $"{reason}: too few for a corrected p" : reason);
    }

    private (HypothesisOutcome, double?, double?, string?) Directed(HypothesisPlan hypothesis, Claim claim)
    {
        var row = claim.Row;
        var series = claim.Series;
        var effect = series?.Effect ?? row.Effect;
        var familyP = series is null ? row.FamilyP : claim.P;
        var own = hypothesis.SmallestEffect;
        var margin = row.Unit == ScoreUnit.Share ? (own ?? _plan.SmallestEffect ?? new()).Points / 100 : (own ?? _plan.SmallestEffect ?? new()).Nats;
        var equivalent = series is not null ? CrossFittedEffect.Widened(EffectTests.Equivalent(series, row.Unit, isBinary: claim.Than is null && claim.IsBinary, margin), claim.Widening)
            : own is null ? row.EquivalentP ?? 1
            : CrossFittedEffect.Widened(EffectTests.Equivalent(claim.Test!.Score, row.Unit, claim.IsBinary, margin), row.CrossFit?.Widening ?? 1);
        var verdict = series is null && own is null && row.Verdict is { } said ? said : EffectTests.Verdict(effect, familyP ?? 1, equivalent);
        var outcome = (verdict, hypothesis.Direction) switch
        {
            (EffectVerdict.Undecided, _) => HypothesisOutcome.Undecided,
            (EffectVerdict.Equivalent, "equivalent") => HypothesisOutcome.Confirmed,
            (EffectVerdict.Better, PlanWords.Better) or (EffectVerdict.Worse, "worse") =>
                own is null || Math.Abs(effect) >= margin ? HypothesisOutcome.Confirmed : HypothesisOutcome.Undecided,
            _ => HypothesisOutcome.Refuted,
        };
        return (outcome, effect, familyP, verdict == EffectVerdict.Equivalent ? "smaller than the smallest effect of interest" : null);
    }

    /// <summary>Of a binomial count.</summary>
    private static double AtLeast(int count, int trials, double probability)
    {
        // P(X < count), by the ratio of neighbouring terms.
        double term = Math.Pow(1 - probability, trials), below = 0;
        for (var k = 0; k < count; k++)
        {
            below += term;
            term *= probability / (1 - probability) * (trials - k) / (k + 1);
        }

        return Math.Max(0, 1 - below);
    }

    /// <param name="Row">Of the hypothesis's bottleneck.</param>
    /// <param name="Test">Its scores at the chosen scalar, or at the hypothesis's.</param>
    /// <param name="Than">The other bottleneck.</param>
    /// <param name="Series">What is tested here.</param>
    /// <param name="IsOwn">It takes a test of its own; false: the row has it.</param>
    private sealed record Claim(SummaryRow Row, PairedScores? Test, string? Than, PairedSeries? Series, bool IsOwn)
    {
        public double? P { get; set; }

        /// <summary>The series with the choices behind it, of a row that is cross-fitted.</summary>
        public CrossFittedMember? Folded { get; init; }

        /// <summary>See <see cref="CrossFittedEffect.Widening"/>.</summary>
        public double Widening { get; set; } = 1;

        /// <summary>Of the primary metric.</summary>
        public bool IsBinary => Test is { IsBinary: true } && (Series is null || ReferenceEquals(Series, Test.Score));
    }
}
