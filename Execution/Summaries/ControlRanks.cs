using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>A cell's effects on the test split as they are ranked: −∞ where an item diverged.</summary>
/// <param name="Items">With rows of every measure.</param>
/// <param name="Score">Effect on the score.</param>
/// <param name="LogLikelihood">Effect on the gold log-likelihood; null where the benchmark has none.</param>
internal readonly record struct Standing(int Items, double Score, double? LogLikelihood)
{
    /// <summary>The statistic of ranks: log-likelihood has fewer ties than right and wrong.</summary>
    public double Primary => LogLikelihood ?? Score;

    public static Standing Of(PairedScores scores) => new(scores.Recorded, scores.RankedEffect, scores.Likelihood is null ? null : scores.RankedLogLikelihoodEffect);
}

/// <summary>The place of an effect among its controls, by kind. Controls without rows of as many items are left out: their effects are those of other items.</summary>
internal sealed class ControlRanks(Standing own, IReadOnlyList<(ControlKind Kind, int Number, Standing Standing)> controls)
{
    private readonly ILookup<ControlKind, (int Number, Standing Standing)> _comparable = controls
        .Where(control => own.Items > 0 && control.Standing.Items == own.Items)
        .ToLookup(control => control.Kind, control => (control.Number, control.Standing));

    public IEnumerable<ControlComparison> All() => _comparable.Select(kind => kind.Key).Order().Select(kind => Of(kind)!);

    /// <summary>Null where there is none of the kind.</summary>
    public ControlComparison? Of(ControlKind kind)
    {
        Standing[] ofKind = [.. _comparable[kind].Select(control => control.Standing)];
        if (ofKind.Length == 0)
            return null;
        var comparison = new ControlComparison
        {
            Kind = kind,
            Sets = ofKind.Length,
            Effect = Mean(ofKind.Select(control => control.Score)),
            BestEffect = Best(ofKind.Select(control => control.Score)),
            LogLikelihoodEffect = own.LogLikelihood is null ? null : Mean(ofKind.Select(control => control.Primary)),
            BestLogLikelihoodEffect = own.LogLikelihood is null ? null : Best(ofKind.Select(control => control.Primary)),
        };
        if (kind is not (ControlKind.Random or ControlKind.NormMatched or ControlKind.VarianceMatched))
            return comparison;
        var primary = PairedTests.AmongControls(own.Primary, [.. ofKind.Select(control => control.Primary)]);
        var score = PairedTests.AmongControls(own.Score, [.. ofKind.Select(control => control.Score)]);
        return comparison with { Rank = primary.Rank, P = primary.P, ScoreRank = score.Rank, ScoreP = score.P };
    }

    /// <summary>What the kind is ranked by, by number.</summary>
    public IReadOnlyDictionary<int, double> Effects(ControlKind kind) => _comparable[kind].ToDictionary(control => control.Number, control => control.Standing.Primary);

    private static double? Mean(IEnumerable<double> effects)
    {
        var finite = effects.Where(double.IsFinite).ToArray();
        return finite.Length == 0 ? null : finite.Average();
    }

    private static double? Best(IEnumerable<double> effects)
    {
        var finite = effects.Where(double.IsFinite).ToArray();
        return finite.Length == 0 ? null : finite.Max();
    }
}
