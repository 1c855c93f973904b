using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Running;

public sealed class GoldEndingsTests
{
    private static readonly ByteCodec Codec = new();

    [Fact]
    public void Of_TerminatedGold_HasTheTerminatorAndEveryEndOfText()
    {
        var gold = GoldEndings.Of(" a\n", ["\n"], [9, 0], Codec);
        Assert.Equal([[32, 97, 10], [32, 97, 0], [32, 97, 9]], gold.Continuations);
        Assert.Equal(3, gold.Tokens);
    }

    [Fact]
    public void Of_GoldWithoutTerminator_IsTakenAsItIs() =>
        Assert.Equal([[32, 97]], GoldEndings.Of(" a", ["\n"], [0], Codec).Continuations);

    [Fact]
    public void LogLikelihood_SeveralEnds_AddsTheirProbabilities()
    {
        Assert.Equal(Math.Log(0.5 + 0.25), GoldEndings.LogLikelihood([Math.Log(0.5), Math.Log(0.25)])!.Value, 15);
        Assert.Equal(-3, GoldEndings.LogLikelihood([-3]));
        Assert.Equal(-800 + Math.Log(2), GoldEndings.LogLikelihood([-800, -800])!.Value, 12);
        Assert.Null(GoldEndings.LogLikelihood([-1, null]));
        Assert.Null(GoldEndings.LogLikelihood([-1, double.NegativeInfinity]));
    }
}
