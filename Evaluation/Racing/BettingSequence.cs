namespace Sweep.Evaluation.Racing;

/// <summary>
/// Confidence sequence of the mean of bounded scores by hedged betting (Waudby-Smith and Ramdas 2024, "hedged capital"): against every mean m two gamblers bet on scores
/// above and below it, with stakes that follow the variance seen so far; m is refuted once half of either one's capital reaches 1/α, which happens to the true mean
/// ever with probability ≤ α. Tight where the variance is small, without being told it.
/// </summary>
public static class BettingSequence
{
    /// <summary>Share of the most that could be lost that is ever at stake.</summary>
    private const double MostAtStake = 0.5;
    private const int Halvings = 30;

    /// <summary>Bounds of the mean after these scores; with none: 0..1. Cost: 60 passes over the scores.</summary>
    /// <param name="scores">In 0..1, in the order in which they came. Differences of such scores d go in as (d + 1) / 2.</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A score outside 0..1 or α outside (0, 1).</exception>
    public static (double Low, double High) Of(ReadOnlySpan<double> scores, double alpha)
    {
        if (!(alpha > 0 && alpha < 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "expected above 0 and below 1");
        var stakes = Stakes(scores, alpha);
        var refuting = Math.Log(2 / alpha);
        // The capital of who bets on more falls with m, that of who bets on less rises.
        var low = 0.0;
        var high = 1.0;
        for (var (kept, i) = (1.0, 0); i < Halvings; i++)
        {
            var m = (low + kept) / 2;
            if (Capital(scores, stakes, m, above: true) >= refuting)
                low = m;
            else
                kept = m;
        }

        for (var (kept, i) = (0.0, 0); i < Halvings; i++)
        {
            var m = (high + kept) / 2;
            if (Capital(scores, stakes, m, above: false) >= refuting)
                high = m;
            else
                kept = m;
        }

        return (low, high);
    }

    /// <summary>√(2 ln(2/α) / (σ² t ln(1 + t))), where σ² t is the sum of squared deviations of the scores before and an imagined quarter.</summary>
    private static double[] Stakes(ReadOnlySpan<double> scores, double alpha)
    {
        var stakes = new double[scores.Length];
        var (sum, squares) = (0.5, 0.25);
        for (var t = 1; t <= scores.Length; t++)
        {
            stakes[t - 1] = Math.Sqrt(2 * Math.Log(2 / alpha) / (squares * Math.Log(1 + t)));
            var score = scores[t - 1];
            if (!(score >= 0 && score <= 1))
                throw new ArgumentOutOfRangeException(nameof(scores), score, "expected scores in 0..1");
            sum += score;
            var mean = sum / (t + 1);
            squares += (score - mean) * (score - mean);
        }

        return stakes;
    }

    private static double Capital(ReadOnlySpan<double> scores, double[] stakes, double m, bool above)
    {
        var most = MostAtStake / (above ? m : 1 - m);
        var capital = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            var gain = Math.Min(stakes[i], most) * (scores[i] - m);
            capital += Math.Log(1 + (above ? gain : -gain));
        }

        return capital;
    }
}
