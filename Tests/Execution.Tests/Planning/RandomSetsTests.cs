using CsCheck;
using Sweep.Execution.Planning.Controls;

namespace Sweep.Execution.Tests.Planning;

public sealed class RandomSetsTests
{
    [Fact]
    public void Draw_AnyBottleneck_IsOfTheSameSizesAndNeverTwiceTheSame() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 3], Gen.Int[0, 25], Gen.Long[0, 50])
            .Where((width, size, _, _, _) => size <= width)
            .Sample((width, size, parts, count, seed) =>
            {
                IReadOnlyList<IReadOnlyList<int>> own = [.. Enumerable.Range(0, parts).Select(_ => Enumerable.Range(0, size).ToArray())];
                var widths = Enumerable.Repeat(width, parts).ToArray();
                var sets = RandomSets.Draw(own, widths, count, seed, "hash", "b");
                var keys = sets.Append(own).Select(set => string.Join('|', set.Select(part => string.Join(',', part)))).ToArray();
                return keys.Distinct().Count() == keys.Length
                    && sets.All(set => set.Count == parts && set.All(part => part.Length == size && part.All(channel => channel < width)))
                    && sets.Count == Math.Min(count, Possible(width, size, parts) - 1);
            });

    [Fact]
    public void Draw_AllChannels_HasNoControls() =>
        Assert.Empty(RandomSets.Draw([Enumerable.Range(0, 8).ToArray()], [8], 20, 0, "hash", "b"));

    [Fact]
    public void Draw_OtherSeedModelOrName_GivesOtherSets()
    {
        var sets = new[] { (0L, "h", "b"), (1L, "h", "b"), (0L, "i", "b"), (0L, "h", "c") }
            .Select(key => string.Join(',', RandomSets.Draw([[1, 2, 3, 4]], [192], 1, key.Item1, key.Item2, key.Item3)[0][0])).ToArray();
        Assert.Equal(4, sets.Distinct().Count());
    }

    [Fact]
    public void Draw_FewerControls_AreTheFirstOfMore()
    {
        var few = RandomSets.Draw([[1, 2, 3, 4]], [192], 3, 5, "h", "b");
        var more = RandomSets.Draw([[1, 2, 3, 4]], [192], 9, 5, "h", "b");
        Assert.Equal(few.Select(set => set[0]), more.Take(3).Select(set => set[0]));
    }

    private static int Possible(int width, int size, int parts)
    {
        var one = 1.0;
        for (var index = 1; index <= size; index++)
            one = Math.Round(one * (width - size + index) / index);
        return (int)Math.Min(Math.Pow(one, parts), 1000);
    }
}
