using Sweep.Evaluation.Racing;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Racing;

public sealed class SequenceTests
{
    [Fact]
    public void BetaBinomial_OfThreeInTen_IsWhereTheMixtureIsTwentyTimesAsLikely()
    {
        // The bounds are the roots of p³ (1 − p)⁷ = α B(4, 8), B(4, 8) = 3! 7! / 11! = 1/1320.
        var (low, high) = BetaBinomialSequence.Of(3, 10, 0.05);
        foreach (var p in new[] { low, high })
            Assert.Equal(0.05 / 1320, Math.Pow(p, 3) * Math.Pow(1 - p, 7), tolerance: 1e-14);
        Assert.InRange(low, 0.01, 0.3);
        Assert.InRange(high, 0.3, 0.9);
    }

    [Fact]
    public void BetaBinomial_AtTheEdges_IsOneSided()
    {
        Assert.Equal((0.0, 1.0), BetaBinomialSequence.Of(0, 0, 0.05));
        // (1 − p)⁴ = α B(1, 5) = α / 5.
        var (low, high) = BetaBinomialSequence.Of(0, 4, 0.05);
        Assert.Equal(0, low);
        Assert.Equal(1 - Math.Pow(0.05 / 5, 0.25), high, tolerance: 1e-11);
        var all = BetaBinomialSequence.Of(4, 4, 0.05);
        Assert.Equal(1, all.High);
        Assert.Equal(1 - high, all.Low, tolerance: 1e-11);
    }

    [Fact]
    public void BetaBinomial_LookedAtAfterEveryTrial_MissesTheTruthInFewerThanFivePercent()
    {
        var random = new SplitMix64(11);
        var missed = 0;
        for (var run = 0; run < 400; run++)
        {
            var successes = 0;
            for (var trials = 1; trials <= 300; trials++)
            {
                successes += random.Below(10) < 3 ? 1 : 0;
                var (low, high) = BetaBinomialSequence.Of(successes, trials, 0.05);
                if (low <= 0.3 && 0.3 <= high)
                    continue;
                missed++;
                break;
            }
        }

        // The binomial's upper 1e-4 quantile at 5 % is 38.
        Assert.InRange(missed, 1, 37);
    }

    [Fact]
    public void Discordant_OfEqualCounts_IsSymmetricAroundNothing()
    {
        var (low, high) = DiscordantSequence.Of(40, 40, 1000, 0.05);
        Assert.Equal(-low, high, tolerance: 1e-9);
        Assert.InRange(high, 0.01, 0.08);
        Assert.Equal((-1.0, 1.0), DiscordantSequence.Of(0, 0, 0, 0.05));
    }

    [Theory]
    [InlineData(0.10, 0.05)]
    [InlineData(0.02, 0.13)]
    [InlineData(0, 0)]
    public void Discordant_LookedAtNowAndThen_MissesTheTruthInFewerThanFivePercent(double gain, double loss)
    {
        var random = new SplitMix64(12);
        var missed = 0;
        for (var run = 0; run < 300; run++)
        {
            var (gained, lost) = (0, 0);
            for (var items = 1; items <= 1000; items++)
            {
                var draw = random.Below(1_000_000) / 1e6;
                gained += draw < gain ? 1 : 0;
                lost += draw >= gain && draw < gain + loss ? 1 : 0;
                if (items % 20 != 0)
                    continue;
                var (low, high) = DiscordantSequence.Of(gained, lost, items, 0.05);
                Assert.True(low <= high);
                if (low <= gain - loss && gain - loss <= high)
                    continue;
                missed++;
                break;
            }
        }

        Assert.InRange(missed, 0, 29);
    }

    [Fact]
    public void Betting_LookedAtNowAndThen_MissesTheTruthInFewerThanFivePercentAndIsTight()
    {
        var random = new SplitMix64(13);
        var missed = 0;
        var widths = new List<double>();
        for (var run = 0; run < 200; run++)
        {
            // Differences of −1, 0 and 1, nine of ten 0, as (d + 1) / 2; their mean is 0.5 + 0.03 / 2.
            var scores = Enumerable.Range(0, 800).Select(_ => random.Below(1000) switch { < 65 => 1.0, < 100 => 0.0, _ => 0.5 }).ToArray();
            widths.Add(Width(BettingSequence.Of(scores, 0.05)));
            if (Enumerable.Range(1, 8).Select(look => BettingSequence.Of(scores.AsSpan(0, 100 * look), 0.05)).Any(bounds => bounds.Low > 0.515 || bounds.High < 0.515))
                missed++;
        }

        Assert.InRange(missed, 0, 21);
        // Hoeffding's interval at this one time is 0.096 wide; the scores' variance is a tenth of the largest possible.
        Assert.InRange(widths.Average(), 0.02, 0.06);
    }

    [Fact]
    public void Betting_OfWrongArguments_Refuses()
    {
        Assert.Equal((0.0, 1.0), BettingSequence.Of([], 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => BettingSequence.Of([0.5, 1.5], 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => BettingSequence.Of([double.NaN], 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => BettingSequence.Of([0.5], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BetaBinomialSequence.Of(3, 2, 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => BetaBinomialSequence.Of(-1, 2, 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => BetaBinomialSequence.Of(1, 2, 1));
    }

    private static double Width((double Low, double High) bounds) => bounds.High - bounds.Low;
}
