namespace Sweep.Evaluation.Racing;

/// <summary>A round of successive halving: so many configurations are run on all items up to <paramref name="Items"/>.</summary>
/// <param name="Configurations">That are still in.</param>
/// <param name="Items">Of the common order, those of the rounds before included.</param>
public readonly record struct HalvingRound(int Configurations, int Items);

/// <summary>
/// Rounds of successive halving (Jamieson and Talwalkar 2016) with a floor: each round halves the configurations and multiplies the items by a constant, up to all items, and
/// the first round is as long as the wanted saving allows. The first is where a good configuration is most easily lost.
/// </summary>
public static class HalvingSchedule
{
    /// <summary>The least that is worth a round.</summary>
    private const int FewestItems = 8;

    /// <summary>The rounds; where so few items cannot save so much, the cheapest schedule there is.</summary>
    /// <param name="configurations">At least 1.</param>
    /// <param name="items">At least 1.</param>
    /// <param name="saving">Item runs of the full grid over those of the race, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument below its bound.</exception>
    public static IReadOnlyList<HalvingRound> Of(int configurations, int items, double saving)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(configurations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 1);
        if (!(saving >= 1))
            throw new ArgumentOutOfRangeException(nameof(saving), saving, "expected at least 1");
        var budget = (double)configurations * items / saving;
        var (cheap, dear) = (Math.Min(FewestItems, items), items);
        while (cheap < dear)
        {
            var first = (cheap + dear + 1) / 2;
            if (ItemRuns(Rounds(configurations, items, first)) <= budget)
                cheap = first;
            else
                dear = first - 1;
        }

        return Rounds(configurations, items, cheap);
    }

    /// <summary>(configuration, item) pairs that the rounds run.</summary>
    public static long ItemRuns(IReadOnlyList<HalvingRound> rounds)
    {
        var (runs, before) = (0L, 0);
        foreach (var round in rounds)
        {
            runs += (long)round.Configurations * (round.Items - before);
            before = round.Items;
        }

        return runs;
    }

    private static List<HalvingRound> Rounds(int configurations, int items, int first)
    {
        var halvings = (int)Math.Floor(Math.Log2(configurations));
        var rounds = new List<HalvingRound>();
        for (var round = 0; round <= halvings; round++)
        {
            var upTo = halvings == 0 ? items : (int)Math.Round(first * Math.Pow((double)items / first, (double)round / halvings));
            rounds.Add(new HalvingRound((configurations + (1 << round) - 1) >> round, upTo));
        }

        return rounds;
    }
}
