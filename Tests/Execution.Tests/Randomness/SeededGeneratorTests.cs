using CsCheck;
using Sweep.Execution.Randomness;

namespace Sweep.Execution.Tests.Randomness;

public sealed class SeededGeneratorTests
{
    /// <summary>SplitMix64 with the SHA-256 of "sweep\n1\n" as its start; pinned, because stored channel sets depend on it.</summary>
    [Fact]
    public void Next_KnownKey_GivesPinnedNumbers()
    {
        var generator = new SeededGenerator("sweep", "1");
        Assert.Equal([2008547865059247515UL, 6908589114211656059UL], [generator.Next(), generator.Next()]);
    }

    [Fact]
    public void Subset_AnySize_IsAscendingDistinctAndRepeatable() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 300], Gen.Int[0, 1000]).Where((width, count, _) => count <= width).Sample((width, count, seed) =>
        {
            var one = new SeededGenerator("k", $"{seed}").Subset(width, count);
            var again = new SeededGenerator("k", $"{seed}").Subset(width, count);
            return one.Length == count && one.SequenceEqual(again) && one.SequenceEqual(one.Distinct().Order())
                && one.All(number => number >= 0 && number < width);
        });

    [Fact]
    public void Subset_ManyDraws_TakesEveryNumberAboutEquallyOften()
    {
        var counts = new int[20];
        for (var draw = 0; draw < 4000; draw++)
        {
            foreach (var number in new SeededGenerator("even", $"{draw}").Subset(20, 5))
                counts[number]++;
        }

        // Expectation 1000, standard deviation 27.
        Assert.All(counts, count => Assert.InRange(count, 860, 1140));
    }
}
