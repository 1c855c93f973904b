using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class MaxStatisticTests
{
    private static readonly double[][] Three =
    [
        [0.31, -0.12, 0.77, 0.05, -0.4, 1.1, 0.23, 0.6, -0.09, 0.45],
        [0.5, 0.2, -0.1, 0.3, 0.9, -0.2, 0.4, 0.1, 0, 0.8],
        [-0.1, 0.2, 0, 0.1, -0.3, 0.2, 0.1, -0.2, 0, 0.1],
    ];

    /// <summary>R 4.2.2, all 2¹⁰ flips (References/references.R).</summary>
    [Fact]
    public void Test_ThreeMembers_AreThoseOfAllFlips()
    {
        var results = MaxStatistic.Test([.. Three.Select(member => Member(member))], 1);
        Assert.Equal([1.76507992729422, 2.02544785773178, 0.2], results.Select(result => result.T), (one, other) => Math.Abs(one - other) < 1e-12);
        Assert.Equal([0.244140625, 0.111328125, 1], results.Select(result => result.P));
    }

    [Fact]
    public void Test_OneMember_HasTheSignFlipTestsP()
    {
        var result = Assert.Single(MaxStatistic.Test([Member(Three[0])], 1));
        Assert.Equal(SignFlipTest.P(Three[0], Pairs.Alone(10), 1), result.P);
    }

    [Fact]
    public void Test_TheSameMemberTwentyTimes_CostsNothing()
    {
        // Shared signs: copies move together, so that their maximum is that of one. Bonferroni would take twenty times the p.
        var results = MaxStatistic.Test([.. Enumerable.Repeat(Member(Three[1]), 20)], 1);
        Assert.All(results, result => Assert.Equal(MaxStatistic.Test([Member(Three[1])], 1)[0].P, result.P));
    }

    [Fact]
    public void Test_OtherScaleOfAMember_ChangesNothing()
    {
        var results = MaxStatistic.Test([Member(Three[0]), Member([.. Three[1].Select(difference => 1000 * difference)]), Member(Three[2])], 1);
        Assert.Equal([0.244140625, 0.111328125, 1], results.Select(result => result.P));
    }

    [Fact]
    public void Test_OtherOrders_GiveTheSame()
    {
        var random = new Random(3);
        FamilyMember[] family = [.. Enumerable.Range(0, 9).Select(i => Member(Pairs.Normal(random, 40), $"b{i % 2}"))];
        var results = MaxStatistic.Test(family, 7, draws: 500);
        Assert.Equal(results, MaxStatistic.Test(family, 7, draws: 500));
        var reversed = family.Reverse().Select(member => member with { Differences = [.. member.Differences.Reverse()], Groups = [.. member.Groups.Reverse()] });
        Assert.Equal(results, MaxStatistic.Test([.. reversed], 7, draws: 500).Reverse());
    }

    [Fact]
    public void Test_OtherBlock_HasSignsOfItsOwn()
    {
        // Two members with the same numbers: in one block they are one test, in two blocks they are two.
        var shared = MaxStatistic.Test([Member(Three[1]), Member(Three[1])], 1, draws: 99_999);
        var apart = MaxStatistic.Test([Member(Three[1]), Member(Three[1], "other")], 1, draws: 99_999);
        var p = MaxStatistic.Test([Member(Three[1])], 1)[0].P;
        Assert.Equal(p, shared[0].P);
        Assert.Equal(1 - ((1 - p) * (1 - p)), apart[0].P, 0.005);
    }

    [Fact]
    public void Test_NothingMoved_IsNoFinding()
    {
        Assert.Empty(MaxStatistic.Test([], 1));
        Assert.Equal((0, 1), Assert.Single(MaxStatistic.Test([Member([])], 1)));
        Assert.Equal((0, 1), Assert.Single(MaxStatistic.Test([Member([0, 0, 0])], 1)));
        var results = MaxStatistic.Test([Member([0, 0, 0]), Member([1, 1, 1])], 1);
        Assert.Equal((0, 1), results[0]);
        Assert.Equal(0.25, results[1].P);
    }

    [Fact]
    public void Test_MemberWithoutSomeGroups_IsTestedOnItsOwn()
    {
        var few = new FamilyMember { Block = "b", Differences = [1, 2, 4], Groups = ["g1", "g4", "g7"] };
        var results = MaxStatistic.Test([Member(Three[0]), few], 1);
        Assert.Equal(7 / Math.Sqrt(21), results[1].T, 1e-12);
        // |t| of few is largest when its three signs agree, one in four.
        Assert.True(results[1].P >= 0.25);
    }

    /// <summary>500 families of 30 correlated members on two blocks without an effect: at most the level of them has any finding, but for four standard errors.</summary>
    [Fact]
    public void Test_FamiliesWithoutEffect_RarelyHaveAnyFinding()
    {
        var random = new Random(17);
        var findings = 0;
        for (var sample = 0; sample < 500; sample++)
        {
            var shared = Pairs.Normal(random, 15);
            FamilyMember[] family = [.. Enumerable.Range(0, 30).Select(i => Member([.. Pairs.Normal(random, 15).Zip(shared, (own, common) => own + common)], $"b{i % 2}"))];
            if (MaxStatistic.Test(family, sample, draws: 199).Any(result => result.P <= 0.05))
                findings++;
        }

        Assert.InRange(findings, 25 - 20, 25 + 20);
    }

    /// <summary>One planted effect among 30 members is found, and nothing else.</summary>
    [Fact]
    public void Test_OneEffect_IsFound()
    {
        var random = new Random(19);
        var family = Enumerable.Range(0, 30).Select(i => Member([.. Pairs.Normal(random, 100).Select(difference => difference + (i == 12 ? 0.8 : 0))])).ToArray();
        Assert.Equal([12], MaxStatistic.Test(family, 1).Index().Where(pair => pair.Item.P <= 0.05).Select(pair => pair.Index));
    }

    private static FamilyMember Member(double[] differences, string block = "b") => new() { Block = block, Differences = differences, Groups = Pairs.Alone(differences.Length) };
}
