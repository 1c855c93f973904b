namespace Sweep.Evaluation.Racing;

/// <summary>
/// Confidence sequence of the mean effect on a binary metric: items gained less items lost. The share of discordant items and the share of gains among them have one
/// beta-binomial sequence each at α / 2; together they bound their product.
/// </summary>
public static class DiscordantSequence
{
    /// <summary>Bounds of P(gained) − P(lost), −1..1; they hold at all times at once with probability ≥ 1 − α.</summary>
    /// <param name="gained">Items wrong at the baseline and right when steered.</param>
    /// <param name="lost">Items right at the baseline and wrong when steered.</param>
    /// <param name="items">All items so far.</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">Counts that cannot be, or α outside (0, 1).</exception>
    public static (double Low, double High) Of(long gained, long lost, long items, double alpha)
    {
        var discordance = BetaBinomialSequence.Of(gained + lost, items, alpha / 2);
        var gains = BetaBinomialSequence.Of(gained, gained + lost, alpha / 2);
        return (Product((2 * gains.Low) - 1, discordance.High, discordance.Low), Product((2 * gains.High) - 1, discordance.Low, discordance.High));

        // A share of at least nothing: a negative balance is at its lowest with the most of it, a positive one with the least.
        static double Product(double balance, double ifNegative, double ifPositive) => balance * (balance < 0 ? ifNegative : ifPositive);
    }
}
