namespace Sweep.Models.Checkpoints;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): the same seed gives the same numbers on every
/// machine and in every version of .NET, which System.Random does not promise.
/// </summary>
internal sealed class SplitMix64
{
    private ulong _state;

    public SplitMix64(ulong seed)
    {
        _state = seed;
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 to bound − 1, each as likely: draws from the incomplete last run of bound are thrown away.</summary>
    public ulong Below(ulong bound)
    {
        var rejected = (ulong.MaxValue % bound) + 1;
        var limit = rejected == bound ? ulong.MaxValue : ulong.MaxValue - rejected;
        ulong drawn;
        do
            drawn = Next();
        while (drawn > limit);
        return drawn % bound;
    }

    /// <summary>count distinct numbers below total, ascending: the first places of a Fisher-Yates shuffle of 0..total−1.</summary>
    public int[] Choose(int count, int total)
    {
        int[] numbers = [.. Enumerable.Range(0, total)];
        for (var place = 0; place < count; place++)
        {
            var other = place + (int)Below((ulong)(total - place));
            (numbers[place], numbers[other]) = (numbers[other], numbers[place]);
        }

        return [.. numbers.Take(count).Order()];
    }
}
