using Sweep.Cli.Replaying;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;
using Xunit;

namespace Sweep.Cli.Tests.Replaying;

public sealed class RowComparisonTests
{
    private static readonly JobIdentity Cpu = new()
    {
        WeightsHash = "w",
        TokenizerHash = "t",
        Benchmark = "squad",
        DataHash = "d",
        PromptVersion = "1",
        MetricVersion = "1",
        Interventions = [],
        Measure = Measure.Generation,
        Precision = "fp32",
        NumericsId = "cpu/1",
    };

    private static readonly JobIdentity Cuda = Cpu with { NumericsId = "cuda/1" };

    private static readonly ItemResult Recorded = new()
    {
        JobId = JobId.Of(Cuda),
        ItemId = "i",
        PromptHash = "p",
        Response = [1, 2],
        Metrics = Em(1),
        LogLikelihood = -2,
        LogLikelihoodTokens = 3,
        GoldLogLikelihoods = [-2, -3],
        Receipt = new ReceiptRow { PositionsTouched = 7, OnTargetMinimum = 50, NextTokenKl = 0.5 },
        Pair = new PairScore { Metrics = Em(0), LogLikelihood = -2.5 },
    };

    public static TheoryData<string, string, Func<ItemResult, ItemResult>> Changes => new()
    {
        { "Same", "", row => row with { LogLikelihood = -2 } },
        { "Near", "log_likelihood", row => row with { LogLikelihood = -2.0001 } },
        { "Near", "gold_log_likelihoods", row => row with { GoldLogLikelihoods = [-2.0001, -3] } },
        { "Near", "pair_log_likelihood", row => row with { Pair = row.Pair! with { LogLikelihood = -2.5001 } } },
        { "Near", "on_target_minimum", row => row with { Receipt = row.Receipt with { OnTargetMinimum = 50.01 } } },
        { "Flipped", "response", row => row with { Response = [1, 3] } },
        { "Flipped", "metrics", row => row with { Metrics = Em(0) } },
        { "Flipped", "response, positions_touched", row => row with { Response = [1], Receipt = row.Receipt with { PositionsTouched = 6 } } },
        { "Flipped", "pair_metrics", row => row with { Pair = row.Pair! with { Metrics = Em(1) } } },
        { "Flipped", "log_likelihood, flags", row => row with { LogLikelihood = null, Flags = ItemFlags.Diverged } },
        { "Different", "log_likelihood", row => row with { LogLikelihood = -2.1 } },
        { "Different", "log_likelihood", row => row with { LogLikelihood = null } },
        { "Different", "response, log_likelihood", row => row with { Response = [1, 3], LogLikelihood = -2.1 } },
        { "Different", "gold_log_likelihoods", row => row with { GoldLogLikelihoods = [-2] } },
        { "Different", "prompt_hash", row => row with { PromptHash = "q" } },
        { "Different", "positions_touched", row => row with { Receipt = row.Receipt with { PositionsTouched = 0 } } },
        { "Different", "next_token_kl", row => row with { Receipt = row.Receipt with { NextTokenKl = 0 } } },
        { "Different", "pair, pair_metrics, pair_log_likelihood", row => row with { Pair = null } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Of_JobWhosePackingMatters_ExcusesWhatPackingDoes(string match, string columns, Func<ItemResult, ItemResult> change)
    {
        var comparison = RowComparison.Of(Cuda, Recorded, change(Recorded));

        Assert.Equal(match, comparison.Match.ToString());
        Assert.Equal(columns, string.Join(", ", comparison.Columns));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Of_JobWhosePackingDoesNotMatter_ExcusesNothing(string match, string columns, Func<ItemResult, ItemResult> change)
    {
        var comparison = RowComparison.Of(Cpu, Recorded, change(Recorded));

        Assert.Equal(match == "Same" ? RowMatch.Same : RowMatch.Different, comparison.Match);
        Assert.Equal(columns, string.Join(", ", comparison.Columns));
    }

    [Fact]
    public void Of_HalfPrecision_AllowsWhatItsRoundingMoves()
    {
        var moved = Recorded with { LogLikelihood = -2.04 };

        Assert.Equal(RowMatch.Different, RowComparison.Of(Cuda, Recorded, moved).Match);
        Assert.Equal(RowMatch.Near, RowComparison.Of(Cuda with { Precision = "bf16" }, Recorded, moved).Match);
        Assert.Equal(0.04, RowComparison.Of(Cuda, Recorded, moved).LogLikelihoodDifference!.Value, 1e-12);
    }

    [Fact]
    public void Of_WhatCannotBeStored_IsComparedAsItIsStored() =>
        Assert.Equal(RowMatch.Same, RowComparison.Of(Cpu, Recorded with { LogLikelihood = null }, Recorded with { LogLikelihood = double.NaN }).Match);

    private static Dictionary<string, double> Em(double value) => new() { ["em"] = value };
}
