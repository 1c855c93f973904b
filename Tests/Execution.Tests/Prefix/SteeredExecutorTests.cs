using CsCheck;
using Sweep.Execution.Prefix;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Models.Tests.Mamba;
using static TorchSharp.torch;

namespace Sweep.Execution.Tests.Prefix;

/// <summary>Of Mamba-1 here; other architectures take the same tests.</summary>
public class SteeredExecutorTests : IDisposable
{
    private readonly SteeredExecutor _executor;
    private readonly MambaModel _model;
    private readonly int _threads = get_num_threads();

    public SteeredExecutorTests()
        : this(RandomMamba.Model(RandomMamba.Config(layers: 4)))
    {
    }

    protected SteeredExecutorTests(MambaModel model)
    {
        _model = model;
        _executor = new(_model, ownsModel: true);
    }

    public void Dispose()
    {
        set_num_threads(_threads);
        _executor.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Run_RandomBatch_EachRowAndPromptEqualsItselfAloneBitForBit() =>
        Gen.Select(GenPrompt.Array[1, 4], GenRow(withOverflow: true).Array[0, 5], Gen.OneOf(Gen.Const(1), Gen.Const(2), Gen.Const(4))).Sample(
            (prompts, rows, threads) =>
            {
                set_num_threads(threads);
                var together = Run(prompts, rows);
                set_num_threads(1);
                for (var prompt = 0; prompt < prompts.Length; prompt++)
                {
                    AssertSame(together[rows.Length][prompt], Run([prompts[prompt]], [])[0][0]);
                    for (var row = 0; row < rows.Length; row++)
                        AssertSame(together[row][prompt], Run([prompts[prompt]], [rows[row]])[0][0]);
                }
            },
            iter: 40,
            threads: 1);

    [Fact]
    public void Run_RandomRow_EqualsWholePassesWithoutSharing() =>
        Gen.Select(GenPrompt, GenRow(withOverflow: false)).Sample(
            (prompt, interventions) =>
            {
                var result = Run([prompt], [interventions])[0][0];
                var steering = new RowSteering(interventions, _model.Config);
                var index = 0;
                foreach (var continuation in prompt.Continuations)
                {
                    var expected = LogProbabilities(steering, prompt.PromptTokens, continuation).Skip(prompt.PromptTokens.Count - 1).Sum();
                    Assert.Equal(expected, result.LogLikelihoods[index++]!.Value, 1e-4 * (1 + Math.Abs(expected)));
                }

                var plain = LogProbabilities(steering, prompt.PromptTokens, []).Sum();
                Assert.Equal(plain, result.PromptLogLikelihood!.Value, 1e-4 * (1 + Math.Abs(plain)));
                AssertGreedy(steering, prompt, result.GeneratedTokens!);
            },
            iter: 40,
            threads: 1);

    [Fact]
    public void Run_ScaledRow_HasReceiptOfEveryTokenRead()
    {
        var prompt = Prompt([1, 2, 3, 4, 5], [6, 7, 8], [9]);
        var result = Run([prompt], [[Scale(1, Site.MixerOutput, 3), Scale(2, Site.Gate, 3) with { Positions = PositionScope.Last }]]);
        var receipt = result[0][0].Receipt;
        Assert.Equal((5 + 1, 2, 0), (receipt.PositionsTouched, receipt.ContinuationPositionsTouched, receipt.GeneratedPositionsTouched));
        Assert.InRange(receipt.OnTargetMinimum!.Value, 3 - 3e-5, 3 + 3e-5);
        Assert.InRange(receipt.OnTargetMaximum!.Value, 3 - 3e-5, 3 + 3e-5);
        Assert.Equal(0, receipt.OffTargetDeviation);
        Assert.True(receipt.RelativeChange > 0);
        Assert.True(receipt.NextTokenKl > 0);
    }

    [Fact]
    public void Run_IdentityRow_IsTheTrunk()
    {
        var prompt = Prompt([1, 2, 3, 4, 5], [6, 7, 8], [9]);
        var result = Run([prompt], [[Scale(1, Site.MixerOutput, 1)], []]);
        Assert.Equal(3, result.Count);
        AssertSame(result[0][0], result[2][0]);
        AssertSame(result[1][0], result[2][0]);
        Assert.Equal(0, result[0][0].Receipt.PositionsTouched);
        Assert.Null(result[0][0].Receipt.OnTargetMinimum);
    }

    [Fact]
    public void Run_RowThatDiverges_SaysWhereAndLeavesTheOthersAlone()
    {
        Intervention[] exploding = [Scale(1, Site.MixerOutput, 1e38), Scale(1, Site.MixerOutput, 1e38)];
        Intervention[] calm = [Scale(1, Site.MixerOutput, 2)];
        var late = exploding.Select(intervention => intervention with { Positions = PositionScope.Generated }).ToArray();
        var prompt = Prompt([1, 2, 3, 4, 5], [6, 7, 8]) with { Generation = Greedy(5), ScorePrompt = true };
        var result = Run([prompt], [exploding, calm, late]);
        Assert.Equal(0, result[0][0].Diverged!.Step);
        Assert.InRange(result[0][0].Diverged!.Layer, 1, 3);
        Assert.Null(result[0][0].LogLikelihoods[0]);
        Assert.Null(result[0][0].GeneratedTokens);
        Assert.Null(result[0][0].PromptLogLikelihood);
        Assert.Null(result[2][0].Diverged);
        Assert.InRange(result[2][0].ContinuationDiverged!.Step, 1, 2);
        Assert.InRange(result[2][0].GenerationDiverged!.Step, 1, 2);
        AssertSame(result[1][0], Run([prompt], [calm])[0][0]);
        Assert.Null(result[3][0].Diverged);
    }

    [Fact]
    public void Run_Generation_EndsAtStopTokenPredicateAndLimit()
    {
        var prompt = Prompt([1, 2, 3, 4, 5]) with { Generation = Greedy(6) };
        var all = Run([prompt], [])[0][0];
        Assert.Equal(6, all.GeneratedTokens!.Count);
        Assert.True(all.GenerationTruncated);

        var first = all.GeneratedTokens[0];
        var stopped = Run([prompt with { Generation = new() { MaxNewTokens = 6, StopTokens = new HashSet<int> { first } } }], [])[0][0];
        Assert.Empty(stopped.GeneratedTokens!);
        Assert.False(stopped.GenerationTruncated);

        var finished = Run([prompt with { Generation = Greedy(6) with { IsFinished = tokens => tokens.Count == 2 } }], [])[0][0];
        Assert.Equal(all.GeneratedTokens.Take(2), finished.GeneratedTokens!);
        Assert.False(finished.GenerationTruncated);
    }

    [Fact]
    public void Run_Canceled_StopsAndLeavesNoTensorBehind()
    {
        using var canceled = new CancellationTokenSource();
        var prompt = Prompt([1, 2, 3], [4, 5]) with { Generation = Greedy(8) with { IsFinished = tokens => Cancel(tokens.Count) } };
        Run([prompt with { Generation = Greedy(2) }], [[Scale(1, Site.Delta, 2)]]);
        var before = Tensor.TotalCount;
        Assert.Throws<OperationCanceledException>(() =>
            _executor.Run(new() { Prompts = [prompt], Rows = [[Scale(1, Site.Delta, 2)]] }, canceled.Token));
        Assert.Equal(before, Tensor.TotalCount);

        bool Cancel(int tokens)
        {
            if (tokens == 3)
                canceled.Cancel();
            return false;
        }
    }

    [Fact]
    public void Run_Batch_LeavesNoTensorBehind()
    {
        PromptRequest[] prompts = [Prompt([1, 2, 3], [4, 5], [6]) with { ScorePrompt = true }, Prompt([1, 2, 3, 4, 5, 6, 7]) with { Generation = Greedy(5) }];
        Intervention[][] rows = [[Scale(1, Site.Delta, 2)], [Scale(3, Site.MixerOutput, 2)], []];
        Run(prompts, rows);
        var before = Tensor.TotalCount;
        Run(prompts, rows);
        Assert.Equal(before, Tensor.TotalCount);
    }

    private static Gen<Intervention[]> GenRow(bool withOverflow) =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, SteerableSites.All.Count - 1], Gen.Enum<Operation>(), Gen.Enum<PositionScope>(), Gen.Double[-2, 3], Gen.Int[0, 9])
            .Select((layer, site, operation, positions, scalar, special) =>
                Scale(layer, SteerableSites.All[site], special switch { 0 or 1 => 1, 2 or 3 => 0, 4 when withOverflow => 3e38, _ => scalar }) with
                {
                    Operation = operation,
                    Positions = positions,
                    Values = operation is Operation.MeanAblate or Operation.Add ? [0.7, -0.3, 1.1, 0.2] : null,
                })
            .Array[0, 3];

    private static Gen<PromptRequest> GenPrompt =>
        Gen.Select(Gen.Int[0, 36].Array[1, 12], Gen.Int[0, 36].Array[1, 4].Array[0, 3], Gen.Int[0, 6]).Select((prompt, continuations, newTokens) => new PromptRequest
        {
            PromptTokens = prompt,
            Continuations = continuations,
            ScorePrompt = true,
            Generation = Greedy(newTokens) with { StopTokens = new HashSet<int> { 3, 4 } },
        });

    [Fact]
    public void Run_ContinuationsThatDifferInTheLastToken_ReadTheRestOnceAndScoreAlike()
    {
        Intervention[] row = [Scale(1, Site.MixerOutput, 2)];
        int[][] continuations = [[6, 7, 8], [6, 7, 9], [6, 5], [6, 7, 8], [4]];
        var together = Run([Prompt([1, 2, 3, 4, 5], continuations)], [row]);
        for (var lane = 0; lane < 2; lane++)
        {
            for (var index = 0; index < continuations.Length; index++)
                TestDevice.AssertSame(Run([Prompt([1, 2, 3, 4, 5], continuations[index])], [row])[lane][0].LogLikelihoods[0], together[lane][0].LogLikelihoods[index]);
        }

        Assert.Equal(2 + 1, together[0][0].Receipt.ContinuationPositionsTouched);
    }

    [Fact]
    public void Run_MeasuresApart_GiveWhatTheyGiveTogether()
    {
        // Diverges from the first generated token on, with scores of the prompt that are finite.
        Intervention[] late = [.. Enumerable.Repeat(Scale(1, Site.MixerOutput, 1e38) with { Positions = PositionScope.Generated }, 2)];
        Intervention[] calm = [Scale(1, Site.MixerOutput, 2)];
        var prompt = Prompt([1, 2, 3, 4, 5], [6, 7, 8], [9]) with { Generation = Greedy(5) };
        var shortGolds = prompt with { Continuations = [[6], [9]] };
        foreach (var whole in new[] { prompt, shortGolds })
        {
            var together = Run([whole], [late, calm]);
            var likelihoods = Run([whole with { Generation = null }], [late, calm]);
            var generations = Run([whole with { Continuations = [] }], [late, calm]);
            for (var row = 0; row < 3; row++)
            {
                TestDevice.AssertSame(together[row][0].LogLikelihoods, likelihoods[row][0].LogLikelihoods);
                Assert.Equal(together[row][0].ContinuationDiverged, likelihoods[row][0].ContinuationDiverged);
                Assert.Equal(together[row][0].GeneratedTokens, generations[row][0].GeneratedTokens);
                Assert.Equal(together[row][0].GenerationDiverged, generations[row][0].GenerationDiverged);
                Assert.Equal(together[row][0].Receipt with { GeneratedPositionsTouched = 0 }, likelihoods[row][0].Receipt);
                Assert.Equal(together[row][0].Receipt with { ContinuationPositionsTouched = 0 }, generations[row][0].Receipt);
            }

            Assert.NotNull(together[0][0].GenerationDiverged);
            Assert.Equal(whole == prompt, together[0][0].ContinuationDiverged is not null);
        }
    }

    private static PromptRequest Prompt(int[] tokens, params int[][] continuations) => new() { PromptTokens = tokens, Continuations = continuations };

    private static GenerationRequest Greedy(int newTokens) => new() { MaxNewTokens = newTokens, StopTokens = new HashSet<int>() };

    private static Intervention Scale(int layer, Site site, double scalar) =>
        new() { Layer = layer, Site = site, Operation = Operation.Scale, Channels = [1, 4, 7, 18], Scalar = scalar };

    /// <summary>Bit for bit; on a CUDA device numbers within rounding, and tokens as long as no two are as likely but for that.</summary>
    private static void AssertSame(RowResult a, RowResult b)
    {
        if (TestDevice.IsCuda)
        {
            AssertNear(a, b);
            return;
        }

        Assert.Equal(a.LogLikelihoods, b.LogLikelihoods);
        Assert.Equal(a.PromptLogLikelihood, b.PromptLogLikelihood);
        Assert.Equal(a.GeneratedTokens, b.GeneratedTokens);
        Assert.Equal(a.GenerationTruncated, b.GenerationTruncated);
        Assert.Equal(a.Diverged, b.Diverged);
        Assert.Equal(a.ContinuationDiverged, b.ContinuationDiverged);
        Assert.Equal(a.GenerationDiverged, b.GenerationDiverged);
        Assert.Equal(a.Receipt, b.Receipt);
    }

    private static void AssertNear(RowResult a, RowResult b)
    {
        Assert.Equal((a.Diverged, a.ContinuationDiverged, a.GenerationDiverged), (b.Diverged, b.ContinuationDiverged, b.GenerationDiverged));
        Assert.Equal(a.GeneratedTokens, b.GeneratedTokens);
        Assert.Equal(a.GenerationTruncated, b.GenerationTruncated);
        Assert.Equal(
            (a.Receipt.PositionsTouched, a.Receipt.ContinuationPositionsTouched, a.Receipt.GeneratedPositionsTouched),
            (b.Receipt.PositionsTouched, b.Receipt.ContinuationPositionsTouched, b.Receipt.GeneratedPositionsTouched));
        TestDevice.AssertSame(
            [.. a.LogLikelihoods, a.PromptLogLikelihood, a.Receipt.OnTargetMinimum, a.Receipt.OnTargetMaximum, a.Receipt.RelativeChange, a.Receipt.NextTokenKl],
            [.. b.LogLikelihoods, b.PromptLogLikelihood, b.Receipt.OnTargetMinimum, b.Receipt.OnTargetMaximum, b.Receipt.RelativeChange, b.Receipt.NextTokenKl],
            1e-4);
    }

    private IReadOnlyList<IReadOnlyList<RowResult>> Run(PromptRequest[] prompts, Intervention[][] rows) =>
        _executor.Run(new() { Prompts = prompts, Rows = rows }, TestContext.Current.CancellationToken);

    /// <summary>Log-probabilities of all tokens after the first, from one whole pass over prompt and continuation.</summary>
    private double[] LogProbabilities(RowSteering steering, IReadOnlyList<int> prompt, IReadOnlyList<int> continuation)
    {
        using var scope = NewDisposeScope();
        var tokens = prompt.Concat(continuation).Select(token => (long)token).ToArray();
        var logits = _model.Forward(tensor(tokens, 1, tokens.Length), rows: [new() { Steering = steering, PromptEnd = prompt.Count }])[0];
        var logs = logits.to(float64).log_softmax(1);
        return [.. Enumerable.Range(1, tokens.Length - 1).Select(t => logs[t - 1, tokens[t]].item<double>())];
    }

    /// <summary>Every generated token is the likeliest one after whole passes over what precedes it, but for near ties.</summary>
    private void AssertGreedy(RowSteering steering, PromptRequest prompt, IReadOnlyList<int> generated)
    {
        using var scope = NewDisposeScope();
        var tokens = prompt.PromptTokens.Concat(generated).Select(token => (long)token).ToArray();
        var logits = _model.Forward(tensor(tokens, 1, tokens.Length), rows: [new() { Steering = steering, PromptEnd = prompt.PromptTokens.Count }])[0];
        for (var step = 0; step < generated.Count; step++)
        {
            var row = logits[prompt.PromptTokens.Count - 1 + step];
            Assert.True(row[generated[step]].item<float>() >= row.max().item<float>() - 1e-3);
        }
    }
}
